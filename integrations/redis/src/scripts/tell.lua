local channel, moved = ARGV[2], ARGV[3]
local number = redis.pcall('INCR', counter)
-- One that was not there, or was no number.
begin_if(type(number) ~= 'number' or number <= 1)
redis.call('PUBLISH', channel, redis.call('GET', counter) .. ' ' .. moved)
return 1
