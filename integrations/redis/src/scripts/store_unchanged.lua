local entry = KEYS[1]
local digest, bytes, life = ARGV[1], ARGV[2], ARGV[3]
local value = redis.pcall('GET', entry)
if type(value) ~= 'string' then
  value = ''
end
if redis.sha1hex(value) ~= digest then
  return 0
end
redis.call('SET', entry, bytes, 'PX', life)
return 1
