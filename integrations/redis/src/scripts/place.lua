local writer, life, most, version = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local others, latest, own = others_than(writer)
if #others >= most then
  return 0
end
-- The register ends with its taint, however long it was to live before.
taint_by(version, writer, life, others, latest, own)
return 1
