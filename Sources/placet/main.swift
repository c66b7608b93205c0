print("placet")
