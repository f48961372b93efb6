local entry, lease = KEYS[1], KEYS[2]
local owner, bytes, life = ARGV[1], ARGV[2], ARGV[3]
if redis.pcall('GET', lease) ~= owner then
  return 0
end
redis.call('SET', entry, bytes, 'PX', life)
return 1
