local squares = {}
for n = 0, 999 do squares[n] = n * n end
local sum = 0
for n = 0, 4999999 do sum = sum + squares[n % 1000] end
assert(sum == 1664167500000)
