local life = ARGV[1]
-- A taint must not outlive its writers.
if #value == 16 and redis.call('PTTL', key) < tonumber(life) then
  redis.call('PEXPIRE', key, life)
end
return 1
