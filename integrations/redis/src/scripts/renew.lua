local writer, life = ARGV[1], ARGV[2]
local others, latest, own = others_than(writer)
if not own then
  return 0
end
taint_by(value:sub(1, 16), writer, life, others, latest, own)
return 1
