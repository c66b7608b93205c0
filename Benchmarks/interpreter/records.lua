local points = {}
for i = 1, 1000000 do points[#points + 1] = { x = i, y = i * 2, name = "p" } end
local total = 0
for _, p in ipairs(points) do total = total + p.x + p.y end
print(total)
