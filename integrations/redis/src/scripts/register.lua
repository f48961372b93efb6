-- A register is 16 bytes of version, followed by its writers while it is tainted: 16 bytes of name
-- and 16 digits that say when the writer ends, in milliseconds of this server's clock. Anything else
-- is what nobody of ours wrote: as if nothing were there.
local key = KEYS[1]
local value = redis.pcall('GET', key)
if type(value) ~= 'string' or #value < 16 or (#value - 16) % 32 ~= 0 then
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

-- The clock, in whole milliseconds and what is above them.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end

-- The writers that have not ended, but for one; when the last of them ends; when that one ends, or
-- nil where it is not among them.
local function others_than(writer)
  local others, latest, own = {}, 0, nil
  local now = clock()
  for place = 17, #value, 32 do
    local digits = value:sub(place + 16, place + 31):match('^%d+$')
    local ends = tonumber(digits or 0)
    if ends >= now then
      if value:sub(place, place + 15) == writer then
        own = ends
      else
        others[#others + 1] = value:sub(place, place + 31)
        latest = math.max(latest, ends)
      end
    end
  end
  return others, latest, own
end

-- Writes a version and its writers; the key ends with the last of them.
local function taint(version, writers, latest)
  local ends = string.format('%.0f', latest)
  redis.call('SET', key, version .. table.concat(writers), 'PXAT', ends)
end

-- Puts a writer among others, for so long from now and no shorter than it had.
local function taint_by(version, writer, life, others, latest, own)
  local ends = math.max(math.ceil(clock()) + tonumber(life), own or 0)
  -- What is larger is no whole number here.
  ends = math.min(ends, 9e15)
  others[#others + 1] = writer .. string.format('%016.0f', ends)
  taint(version, others, math.max(latest, ends))
end

