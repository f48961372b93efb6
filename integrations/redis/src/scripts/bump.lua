local life, version = ARGV[1], ARGV[2]
if #value > 16 then
  -- Keeps the writers, and the life of their taint.
  redis.call('SETRANGE', key, 0, version)
else
  redis.call('SET', key, version, 'PX', longest(life))
end
return 1
