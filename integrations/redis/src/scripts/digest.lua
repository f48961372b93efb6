local value = redis.pcall('GET', KEYS[1])
if type(value) ~= 'string' then
  value = ''
end
return redis.sha1hex(value)
