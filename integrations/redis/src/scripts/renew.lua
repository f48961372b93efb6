local writer, life = ARGV[1], ARGV[2]
if not place_of(writer) then
  return 0
end
redis.call('PEXPIRE', key, longest(life))
return 1
