local total = 0
for x = 1, 100000000 do total = total + x end
print(total)
