local sum = 0
for x = 1, 20000000 do sum = sum + x * x % 7 end
assert(sum == 40000002)
