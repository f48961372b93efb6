local version, writer, life, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if place_of(writer) then
  redis.call('SET', key, version .. value:sub(17), 'PX', longest(life))
elseif #value > 16 then
  if #value >= 16 * (most + 1) then
    return 0
  end
  redis.call('SET', key, version .. value:sub(17) .. writer, 'PX', longest(life))
else
  -- The register ends with its first taint, however long it was to live before.
  redis.call('SET', key, version .. writer, 'PX', life)
end
return 1
