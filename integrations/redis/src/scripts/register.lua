-- A register is 16 bytes of version, followed by the 16 bytes of each writer while it is tainted.
-- Anything else is what nobody of ours wrote: as if nothing were there.
local key = KEYS[1]
local value = redis.pcall('GET', key)
if type(value) ~= 'string' or #value < 16 or #value % 16 ~= 0 then
  value = ''
end

-- The longer of a life and what is left of the present one.
local function longest(life)
  local left = redis.call('PTTL', key)
  if value ~= '' and left > tonumber(life) then
    return left
  end
  return life
end

-- Where a writer stands among the writers, or nil.
local function place_of(writer)
  for place = 17, #value, 16 do
    if value:sub(place, place + 15) == writer then
      return place
    end
  end
  return nil
end

