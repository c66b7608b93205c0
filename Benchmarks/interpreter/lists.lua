local numbers = {}
for n = 1, 1000000 do numbers[n] = n end
local sum = 0
for r = 1, 10 do
  local out = {}
  for _, x in ipairs(numbers) do if x % 3 == 0 then out[#out + 1] = x * 2 + r end end
  sum = sum + #out
end
assert(sum == 3333330)
