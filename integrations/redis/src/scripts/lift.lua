local writer, life, version = ARGV[1], ARGV[2], ARGV[3]
local others, latest, own = others_than(writer)
if #others == 0 then
  redis.call('SET', key, version, 'PX', longest(life))
else
  taint(version, others, latest)
end
return own and 1 or 0
