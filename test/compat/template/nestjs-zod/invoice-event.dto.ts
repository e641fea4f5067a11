import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

export class InvoiceEvent extends createZodDto(z.object({ description: z.string(), paid: z.boolean() })) {}

export class InvoiceEventReceived extends createZodDto(z.object({ ok: z.boolean() })) {}
