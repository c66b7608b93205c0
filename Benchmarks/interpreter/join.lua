local machines, wishes = {}, {}
for n = 0, 999 do
  machines[n + 1] = { kind = n % 3, country = n % 7, cores = n % 50, memory = n % 200, cleared = n % 2 == 0 }
end
for n = 0, 1999 do wishes[n + 1] = { kind = n % 3, country = n % 7, cores = n % 40, memory = n % 150 } end
local count = 0
for _, w in ipairs(wishes) do
  for _, m in ipairs(machines) do
    if m.kind == w.kind and m.country ~= w.country and m.cores >= w.cores and m.memory >= w.memory then
      count = count + 1
    end
  end
end
assert(count == 235369)
