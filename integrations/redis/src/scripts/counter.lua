-- The number of the last message. It begins with the clock: one that was lost and begins anew does
-- not go through the same numbers again.
local counter, life = KEYS[1], ARGV[1]

local function begin_if(is_wrong)
  if is_wrong then
    local time = redis.call('TIME')
    local first = time[1] .. string.format('%06d', time[2])
    redis.call('SET', counter, first, 'PX', life)
  else
    redis.call('PEXPIRE', counter, life)
  end
end

