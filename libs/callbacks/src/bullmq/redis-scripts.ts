import type { Redis } from 'ioredis';
import { MAX_HISTORY } from '../delivery/queue/deliveries.js';
import { MAX_DELAY_MS } from './host-pace.js';
import { WORKER_SCRIPTS } from './worker-scripts.js';

/*
 * A delivery is a BullMQ job. Data that BullMQ does not have is stored beside it:
 *
 * - in the job's hash: `cb:attempts`, `cb:updated`, `cb:ended` (how it has ended, before BullMQ completes the job),
 *   `cb:cancel` (its attempt in flight is its last), `cb:bare` (its body was dropped), `cb:receiver`, `cb:key`;
 * - in the job's log: its latest attempts, as JSON;
 * - `cb:order`: the ids in the order of enqueuing; `cb:due`: when jobs that have not ended are due; `cb:key:KEY`: the
 *   ids with this idempotency key; `cb:parked:RECEIVER`: the ids of delayed jobs that wait for a slot; `cb:cancelled`:
 *   a state that BullMQ does not have; `cb:untold`: events that listeners missed.
 *
 * Redis checks for free memory until a script has written something that needs none. So scripts that store outcomes
 * begin with a ZREM, and work even if Redis is full.
 */

/** The beginning of each script. */
const LIBRARY = `
local call, base, now = redis.call, KEYS[1], tonumber(ARGV[1])
local order, due, cancelled = base .. 'cb:order', base .. 'cb:due', base .. 'cb:cancelled'
local completed, failed, delayed = base .. 'completed', base .. 'failed', base .. 'delayed'

local function activeIds()
  local active = {}
  for _, id in ipairs(call('LRANGE', base .. 'active', 0, -1)) do active[id] = true end
  return active
end

local function stateOf(id, active)
  if call('EXISTS', base .. id) == 0 then return nil end
  if call('ZSCORE', completed, id) then return 'delivered' end
  if call('ZSCORE', failed, id) then return 'failed' end
  if call('ZSCORE', cancelled, id) then return 'cancelled' end
  return active[id] and 'inFlight' or 'queued'
end

-- Whether the outcome of a job in flight is stored, but not applied by BullMQ yet.
local function isSettled(id) return tonumber(call('ZSCORE', due, id) or 0) > now end

-- Takes a job out of the line. Returns whether it was there.
local function withdraw(id)
  local removed = call('ZREM', delayed, id)
  for _, list in ipairs({ 'wait', 'paused' }) do
    if removed == 0 then removed = call('LREM', base .. list, -1, id) end
  end
  return removed == 1
end

-- Notes a postponed job, so that it can return before its delay ends.
local function park(id, receiver)
  local parked = base .. 'cb:parked:' .. receiver
  call('ZREM', parked, id)
  call('ZADD', parked, call('ZSCORE', order, id) or now, id)
  call('PEXPIRE', parked, ${2 * MAX_DELAY_MS})
end

-- Calls make(id, state) for each id among the arguments that has a job.
local function each(make)
  local active, made = activeIds(), {}
  for index = 2, #ARGV do
    local state = stateOf(ARGV[index], active)
    made[index - 1] = state and make(ARGV[index], state) or false
  end
  return made
end

local function forget(id)
  local key = base .. id
  local own = call('HGET', key, 'cb:key')
  if own then call('SREM', base .. 'cb:key:' .. own, id) end
  for _, set in ipairs({ completed, failed, cancelled, order, due }) do call('ZREM', set, id) end
  call('DEL', key, key .. ':logs', key .. ':lock')
end
`;

/** Each script gets the prefix of the queue's keys as its key, and the time in ms as its first argument. */
const SCRIPTS = {
  /** ids → for each, its data or false. */
  cbRead: `
return each(function(id, state)
  return {
    state, call('ZSCORE', due, id), call('LINDEX', base .. id .. ':logs', -1),
    unpack(call('HMGET', base .. id, 'name', 'data', 'timestamp', 'cb:attempts', 'cb:updated'))
  }
end)
`,

  /** id, outcome, record or '', when it is due, data without its body or '', events → the resulting state. */
  cbSettle: `
local id, outcome, record, dueAt, bare = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local key, fields = base .. id, {}
local function set(field, value) fields[#fields + 1], fields[#fields + 2] = field, value end
call('ZREM', due, id)
if call('EXISTS', key) == 0 then return 'forgotten' end
local receiver, attempts, cancel, stalled = unpack(call('HMGET', key, 'cb:receiver', 'cb:attempts', 'cb:cancel', 'stc'))
if outcome ~= 'delivered' and cancel then outcome = 'cancelled' end
-- If the reply was lost with its connection, the command is sent again.
if record ~= '' and call('LINDEX', key .. ':logs', -1) ~= record then
  -- If somebody changed it, it starts again.
  set('cb:attempts', (tonumber(attempts) or 0) + 1)
  set('cb:updated', now)
  if call('RPUSH', key .. ':logs', record) > ${MAX_HISTORY} then call('LTRIM', key .. ':logs', -${MAX_HISTORY}, -1) end
  for index = 7, #ARGV do call('ZADD', base .. 'cb:untold', now, ARGV[index]) end
end
-- Another program has added it. With a receiver it is known, so that it is not added again.
if not receiver then
  set('cb:receiver', '')
  call('ZADD', order, call('INCR', base .. 'cb:sequence'), id)
end
if outcome == 'retry' then
  call('ZADD', due, dueAt, id)
else
  set('cb:ended', outcome)
  -- Without its lock, it was returned to the line, and has ended all the same.
  set('cb:stalled', call('LPOS', base .. 'active', id) and (stalled or 0) or -1)
  if bare ~= '' then
    set('data', bare)
    set('cb:bare', 1)
  end
end
if outcome == 'cancelled' then
  if call('LREM', base .. 'active', -1, id) == 0 then withdraw(id) end
  call('DEL', key .. ':lock')
  call('SREM', base .. 'stalled', id)
  call('ZADD', cancelled, now, id)
  set('cb:updated', now)
end
if #fields > 0 then call('HSET', key, unpack(fields)) end
return outcome
`,

  /** ids → for each 'cancelled', 'inFlight', 'soon' as for cbRetry, or false. */
  cbCancel: `
return each(function(id, state)
  if state == 'inFlight' then
    call('HSET', base .. id, 'cb:cancel', 1)
    return isSettled(id) and 'soon' or state
  end
  if state ~= 'queued' then return false end
  if not withdraw(id) then return false end
  call('ZREM', due, id)
  call('HSET', base .. id, 'cb:ended', 'cancelled', 'cb:updated', now)
  call('ZADD', cancelled, now, id)
  return 'cancelled'
end)
`,

  /**
   * ids → for each the BullMQ set that it must be moved from, 'wait' if it is already due, 'soon' if BullMQ is about to
   * delay it, or false.
   */
  cbRetry: `
return each(function(id, state)
  local key = base .. id
  if state == 'inFlight' then return isSettled(id) and 'soon' end
  if call('HEXISTS', key, 'cb:bare') == 1 then return false end
  call('HSET', key, 'cb:updated', now)
  call('ZADD', due, now, id)
  if state == 'queued' then return call('ZSCORE', delayed, id) and 'delayed' or 'wait' end
  if call('ZREM', cancelled, id) == 1 then call('ZADD', failed, now, id) end
  call('HDEL', key, 'cb:attempts', 'cb:ended', 'cb:cancel', 'cb:stalled', 'stc')
  return state == 'delivered' and 'completed' or 'failed'
end)
`,

  /** ids → for each, whether it was forgotten. */
  cbForget: `
return each(function(id, state)
  if state == 'queued' or state == 'inFlight' then return false end
  forget(id)
  return 1
end)
`,

  /**
   * The time before which delivered and cancelled jobs ended, the time for failed ones, a limit → whether there may be
   * more.
   */
  cbSweep: `
local limit, isMore = tonumber(ARGV[4]), 0
for set, before in pairs({ [completed] = ARGV[2], [cancelled] = ARGV[2], [failed] = ARGV[3] }) do
  local old = call('ZRANGEBYSCORE', set, '-inf', before, 'LIMIT', 0, limit)
  for _, id in ipairs(old) do forget(id) end
  if #old == limit then isMore = 1 end
end
-- Jobs that others removed, or that a crash left in the middle of a retry().
local active = activeIds()
for _, id in ipairs(call('ZRANGE', due, 0, limit - 1)) do
  local state = stateOf(id, active)
  if state ~= 'queued' and state ~= 'inFlight' then call('ZREM', due, id) end
  if not state then call('ZREM', order, id) end
end
return isMore
`,

  cbStats: `
local active, inFlight, waiting = activeIds(), 0, 0
for id in pairs(active) do
  inFlight = inFlight + 1
  if call('ZSCORE', due, id) then waiting = waiting + 1 end
end
local oldest = false
for _, id in ipairs(call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, waiting + 1)) do
  if not oldest and not active[id] then oldest = call('ZSCORE', due, id) end
end
return {
  call('ZCARD', due) - waiting, math.max(0, call('ZCOUNT', due, '-inf', now) - waiting), oldest, inFlight,
  call('ZCARD', completed), call('ZCARD', failed), call('ZCARD', cancelled)
}
`,

  /** A time → an event that is reserved for the caller until then. */
  cbClaim: `
local untold = base .. 'cb:untold'
local event = call('ZRANGEBYSCORE', untold, '-inf', now, 'LIMIT', 0, 1)[1]
if not event then return false end
call('ZADD', untold, ARGV[2], event)
return event
`,

  ...WORKER_SCRIPTS,
} as const;

export type ScriptName = keyof typeof SCRIPTS;

/** Defines the scripts as commands of a connection. */
export function defineScripts(redis: Redis): void {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    redis.defineCommand(name, { numberOfKeys: 1, lua: LIBRARY + script });
  }
}

type Commands = Readonly<Record<ScriptName, (base: string, ...values: (string | number)[]) => Promise<unknown>>>;

/**
 * Runs a script.
 *
 * @param base - the prefix of the queue's keys.
 */
export function runScript(redis: Redis, name: ScriptName, base: string, ...values: (string | number)[]) {
  // ioredis adds the defined commands, which its types cannot know.
  return (redis as unknown as Commands)[name](base, Date.now(), ...values);
}

/** Redis already runs these while the next commands are prepared. */
const MAX_CORKED_BYTES = 8_192;

/** Writes the commands of this turn of the event loop at once, since each write costs more than most commands. */
export function writeTogether({ status, stream }: Redis): void {
  if (status !== 'ready') return;
  if (stream.writableCorked === 0) {
    stream.cork();
    setImmediate(() => stream.uncork());
  } else if (stream.writableLength > MAX_CORKED_BYTES) {
    stream.uncork();
    stream.cork();
  }
}
