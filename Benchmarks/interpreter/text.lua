local total = 0
for i = 1, 2000000 do total = total + #("host-" .. i .. "-of-rack-" .. (i % 7)) end
print(total)
