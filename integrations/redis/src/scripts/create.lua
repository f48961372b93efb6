local life, version = ARGV[1], ARGV[2]
if #value > 16 then
  return ''
end
if #value == 16 then
  if redis.call('PTTL', key) < tonumber(life) then
    redis.call('PEXPIRE', key, life)
  end
  return value
end
redis.call('SET', key, version, 'PX', life)
return version
