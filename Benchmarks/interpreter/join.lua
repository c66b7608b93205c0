local hosts, vnfs = {}, {}
local GiB = 8589934592
for i = 0, 999 do
  hosts[i + 1] = { kind = i % 3 == 0 and "kubernetes" or i % 3 == 1 and "openstack" or "vsphere",
    cores = i % 64, memory = i % 256 * GiB, site = i % 2 == 0 and "SE" or "DE" }
end
for i = 0, 1999 do
  vnfs[i + 1] = { cpu = i % 16, memory = i % 64 * GiB, legacy = i % 2 == 0, country = i % 4 == 0 and "SE" or "DE" }
end
local t = os.clock()
local n = 0
for _, v in ipairs(vnfs) do
  for _, h in ipairs(hosts) do
    if v.cpu <= h.cores and v.memory <= h.memory and (not v.legacy or h.kind ~= "kubernetes")
      and v.country == h.site then n = n + 1 end
  end
end
print(n, os.clock() - t)
local function fits(v, h)
  return v.cpu <= h.cores and v.memory <= h.memory and (not v.legacy or h.kind ~= "kubernetes") and v.country == h.site
end
t = os.clock()
n = 0
for _, v in ipairs(vnfs) do for _, h in ipairs(hosts) do if fits(v, h) then n = n + 1 end end end
print(n, os.clock() - t)
