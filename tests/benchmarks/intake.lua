-- Sends signed deliveries out of a pool. Every request has a delivery id of its own, so that nothing is
-- a duplicate. Arguments: POOL close|keep PREFIX; prints one line of JSON behind wrk's own output.
local requests = {}
local bodies = {}
local sent = 0
local prefix = ""

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local connection = args[2] == "close" and "Connection: close\r\n" or ""
  prefix = args[3]
  while true do
    local line = file:read("*l")
    if not line then break end
    local size, signature = line:match("^(%d+) (%x+)$")
    local body = file:read(tonumber(size))
    bodies[#bodies + 1] = "\r\n\r\n" .. body
    requests[#requests + 1] = "POST /hooks/churn HTTP/1.1\r\nHost: 127.0.0.1\r\n" ..
      "Content-Type: application/json\r\nX-GitHub-Event: push\r\n" .. connection ..
      "X-Hub-Signature-256: sha256=" .. signature .. "\r\n" ..
      "Content-Length: " .. size .. "\r\nX-GitHub-Delivery: "
  end
  file:close()
end

function request()
  sent = sent + 1
  local at = sent % #requests + 1
  return requests[at] .. prefix .. "-" .. sent .. bodies[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
