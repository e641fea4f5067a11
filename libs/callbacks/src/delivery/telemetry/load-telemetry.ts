import type { Telemetry, TelemetryOptions } from './telemetry.js';

/** For apps that do not use OpenTelemetry. */
const NO_TELEMETRY: Telemetry = {
  noteTrace: (delivery) => delivery,
  enqueue: (delivery, add) => add(delivery),
  process: (_delivery, _attempt, deliver) => deliver(),
  request: (request, send) => send(request),
  count: () => undefined,
  observe: () => () => undefined,
};

/** Loads OpenTelemetry, if its API is installed. Without an SDK, the API does nothing. */
export async function loadTelemetry({ propagate = false }: TelemetryOptions = {}): Promise<Telemetry> {
  if (!(await hasMetrics())) return NO_TELEMETRY;
  const { OpenTelemetry } = await import('./open-telemetry.js');
  return new OpenTelemetry(propagate);
}

/** Other packages may have installed the API. A version before 1.3 has no metrics and is ignored. */
async function hasMetrics(): Promise<boolean> {
  try {
    const api: { metrics?: unknown } = await import('@opentelemetry/api');
    return api.metrics !== undefined;
  } catch (error) {
    if (NOT_FOUND.has(Object(error).code)) return false;
    throw error;
  }
}

/** The codes of ES modules and of CommonJS. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);
