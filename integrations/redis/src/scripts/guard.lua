local guard, owner, life = KEYS[1], ARGV[1], ARGV[2]
if redis.call('TYPE', guard).ok ~= 'hash' then
  redis.call('DEL', guard)
end
redis.call('HSET', guard, owner, '1')
redis.call('PEXPIRE', guard, life)
return 1
