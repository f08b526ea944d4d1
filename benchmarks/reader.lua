-- For wrk: each thread asks for the files named after "--" in turn; the last line printed is one JSON object.
local paths, at = {}, 0

function init(args)
  paths = args
end

function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], {["Accept-Encoding"] = "gzip"})
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "errors": %d, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99) / 1e3
  ))
end
