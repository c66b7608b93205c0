local function keep(x) return x % 3 == 0 end
local function times(x, n) return x * n end
local numbers = {}
for i = 1, 1000000 do numbers[i] = i end
local total = 0
for n = 1, 10 do
  local kept = {}
  for _, x in ipairs(numbers) do if keep(x) then kept[#kept + 1] = times(x, n) end end
  total = total + #kept
end
print(total)
