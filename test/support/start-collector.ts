import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = { readonly stringValue?: string; readonly intValue?: number | string };

/** A span, as OTLP/HTTP with JSON has it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly status: { readonly code?: number };
}

interface Exported {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[] }[];
}

/** An OpenTelemetry collector on loopback. It receives spans with OTLP/HTTP and keeps them. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Exported;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Prints the spans as a tree: below each span its children and the spans that are linked to it. */
export function treeOf(spans: readonly CollectedSpan[]): string {
  const write = (span: CollectedSpan, depth: number, arrow: string): string[] => {
    const status = span.attributes.find(({ key }) => key === 'http.response.status_code')?.value.intValue;
    const children = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId);
    const linked = spans.filter(({ links }) => links?.some(({ spanId }) => spanId === span.spanId));
    return [
      `${'  '.repeat(depth)}${arrow}${span.name}${status === undefined ? '' : ` ${status}`}`,
      ...children.flatMap((child) => write(child, depth + 1, '')),
      ...linked.flatMap((child) => write(child, depth + 1, '~ ')),
    ];
  };
  const roots = spans.filter(({ parentSpanId, links }) => !parentSpanId && !links?.length);
  return roots.flatMap((root) => write(root, 0, '')).join('\n');
}
