local number = redis.pcall('GET', counter)
begin_if(type(number) ~= 'string' or not number:match('^%d+$'))
return redis.call('GET', counter)
