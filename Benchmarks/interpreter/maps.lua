local squares, names, keys = {}, {}, {}
for i = 0, 99999 do squares[i] = i * i end
for i = 0, 999 do names["n" .. i] = i; keys[i + 1] = "n" .. i end
local a, b = 0, 0
for i = 1, 10000000 do a = a + (squares[i * 7 % 100000] or 0) end
for r = 1, 10000 do for _, k in ipairs(keys) do b = b + (names[k] or 0) end end
print(a, b)
