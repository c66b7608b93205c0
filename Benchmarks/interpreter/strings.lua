local sum = 0
for n = 0, 999999 do sum = sum + #("vnf-" .. n) end
assert(sum == 9888890)
