import { MAX_DELAY_MS } from './host-pace.js';

/** The scripts with which a worker changes the line of its jobs. Their arguments are as in SCRIPTS. */
export const WORKER_SCRIPTS = {
  /**
   * BullMQ cannot take a waiting job if Redis is full, since its script begins with a command that may need memory. For
   * a due delayed job, it begins with another command, so the next job is made a delayed one.
   */
  cbUnblock: `
local id = call('RPOP', base .. 'wait')
if id then call('ZADD', delayed, 0, id) end
return id
`,

  /** The options of a job as JSON → repairs the jobs that BullMQ took and cannot read, which it tries again once their lock ends. */
  cbRepair: `
for _, id in ipairs(call('LRANGE', base .. 'active', 0, -1)) do
  local key = base .. id
  -- Redis reads some JSON that BullMQ cannot, and all jobs have the same options.
  if call('EXISTS', key) == 1 then call('HSET', key, 'opts', ARGV[2]) end
  -- This library does not use them.
  call('HDEL', key, 'progress', 'parent')
end
`,

  /**
   * The number of jobs to search; for each blocked receiver its name, when its first job returns, and the delay of each
   * further one → for each receiver, how many jobs were postponed.
   */
  cbPutOff: `
local lines, counts = {}, {}
for index = 3, #ARGV, 3 do
  counts[#counts + 1] = 0
  lines[ARGV[index]] = { number = #counts, receiver = ARGV[index], first = tonumber(ARGV[index + 1]), step = tonumber(ARGV[index + 2]) }
end
local waiting = call('LRANGE', base .. 'wait', -tonumber(ARGV[2]), -1)
-- BullMQ takes the last one next.
for position = #waiting, 1, -1 do
  local id = waiting[position]
  local line = lines[call('HGET', base .. id, 'cb:receiver')]
  if line and call('LREM', base .. 'wait', -1, id) == 1 then
    local count = counts[line.number]
    call('ZADD', delayed, math.floor(now + (line.first + line.step * count) % ${MAX_DELAY_MS}) * 4096, id)
    park(id, line.receiver)
    counts[line.number] = count + 1
  end
end
return counts
`,

  /** id, receiver → notes that the job is postponed. */
  cbPark: `park(ARGV[2], ARGV[3])`,

  /** For each receiver its name, and how many of its jobs may return now → for each receiver, how many did, or nothing if other jobs wait. */
  cbBringBack: `
local counts = {}
-- BullMQ itself fills the list of a queue that is paused.
local isPaused = call('HEXISTS', base .. 'meta', 'paused') == 1
-- Waiting jobs must not be overtaken: those of other receivers would never be taken.
if call('LLEN', base .. 'wait') > 0 then return false end
for index = 2, #ARGV, 2 do
  local parked, most, ids = base .. 'cb:parked:' .. ARGV[index], tonumber(ARGV[index + 1]), {}
  -- Many may no longer be delayed, and Redis is blocked in the meantime.
  for _ = 1, isPaused and 0 or most + 1000 do
    local id = #ids < most and call('ZPOPMIN', parked)[1]
    if not id then break end
    -- Its delay may have ended, and it may now wait for its next attempt.
    local isDue = tonumber(call('ZSCORE', due, id) or 0) <= now
    if isDue and call('ZREM', delayed, id) == 1 then ids[#ids + 1] = id end
  end
  -- BullMQ takes the last one next.
  for position = #ids, 1, -1 do call('RPUSH', base .. 'wait', ids[position]) end
  if #ids > 0 then call('ZADD', base .. 'marker', 0, '0') end
  counts[#counts + 1] = #ids
end
return counts
`,
} as const;
