local version, writer, life = ARGV[1], ARGV[2], ARGV[3]
local place = place_of(writer)
local writers = value:sub(17)
if place then
  writers = value:sub(17, place - 1) .. value:sub(place + 16)
end
if writers == '' then
  redis.call('SET', key, version, 'PX', longest(life))
else
  redis.call('SET', key, version .. writers, 'KEEPTTL')
end
return place and 1 or 0
