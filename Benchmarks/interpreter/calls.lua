local function one(x) return x + 1 end
local function two(x) return one(x) + 1 end
local total = 0
for x = 1, 15000000 do total = total + two(x) end
print(total)
