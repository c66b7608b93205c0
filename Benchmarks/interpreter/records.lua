local points = {}
for n = 1, 1000000 do points[n] = { x = n, y = n * 2, label = "p" } end
local sum = 0
for _, p in ipairs(points) do sum = sum + p.x + p.y end
assert(sum == 1500001500000)
