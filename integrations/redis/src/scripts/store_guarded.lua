local entry, guard = KEYS[1], KEYS[2]
local owner, bytes, life = ARGV[1], ARGV[2], ARGV[3]
if redis.pcall('HEXISTS', guard, owner) ~= 1 then
  return 0
end
redis.call('SET', entry, bytes, 'PX', life)
-- Whoever else was about to store began before this.
redis.call('DEL', guard)
return 1
