import { Body, Controller, Header, Headers, Param, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiProperty,
  ApiPropertyOptional,
  ApiQuery,
  ApiSecurity,
  getSchemaPath,
} from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbackDocumentError, receiverReplies } from 'nestjs-callbacks';
import type { CallbackProblem } from 'nestjs-callbacks';
import { createApp, documentOf } from './create-app.js';
import type { DocumentOptions } from './create-app.js';

export class Address {
  @ApiProperty() city!: string;
  @ApiPropertyOptional({ type: () => Person }) owner?: object;
}

export class Person {
  @ApiProperty() name!: string;
  @ApiProperty({ type: () => Address }) home!: Address;
}

export class Card {
  @ApiProperty() number!: string;
}

export class Transfer {
  @ApiProperty() iban!: string;
}

export class Order extends Card {
  @ApiProperty() id!: string;
  @ApiProperty({ type: Person }) customer!: Person;
  @ApiProperty({ type: [Person] }) guests!: Person[];
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(Address) } }) places!: object;
  @ApiProperty({ type: 'object', additionalProperties: true }) labels!: object;
  @ApiProperty({ type: Object }) anything!: unknown;
  @ApiProperty({ oneOf: [{ $ref: getSchemaPath(Card) }, { $ref: getSchemaPath(Transfer) }] }) payment!: object;
  @ApiProperty({ anyOf: [{ $ref: getSchemaPath(Card) }, { $ref: getSchemaPath(Transfer) }] }) refund!: object;
  @ApiProperty({ allOf: [{ $ref: getSchemaPath(Card) }, { $ref: getSchemaPath(Transfer) }] }) both!: object;
  @ApiPropertyOptional({ nullable: true, type: Address }) bill?: Address | null;
}

export class Receipt {
  @ApiProperty() receipt_id!: string;
}

export class Filter {
  @ApiPropertyOptional() callback_url?: string;
  @ApiPropertyOptional() limit?: number;
}

export function linkedTo(url: string): Type<object> {
  @CallbackController(url)
  class Told {
    @Post() told(): void {
      return receiverReplies();
    }
  }
  return Told;
}

/** Declares whatever can be declared of an operation. */
export function declaring(url: string): Type<object> {
  @Controller('shops/:shop/orders')
  class Orders {
    @Post()
    @ApiExtraModels(Card, Transfer)
    @ApiQuery({ name: 'hub.callback', required: false, type: String })
    @ApiHeader({ name: 'X-Callback-Url' })
    @ApiSecurity('key')
    @ApiCreatedResponse({ type: Receipt, headers: { Location: { schema: { type: 'string' } } } })
    @Header('X-Static', '1')
    @ApiCallback(linkedTo(url))
    create(
      @Param('shop') shop: string,
      @Body() order: Order,
      @Query() filter: Filter,
      @Headers('x-trace') trace: string,
    ) {}
  }
  return Orders;
}

export async function problemsOf(
  controller: Type<object>,
  options: DocumentOptions = {},
): Promise<readonly CallbackProblem[]> {
  const app = await createApp({ controllers: [controller] });
  const configure: DocumentOptions['configure'] = (builder) =>
    builder.addApiKey({ type: 'apiKey', in: 'query', name: 'api_key' }, 'key');
  try {
    documentOf(app, { configure, ...options });
    return [];
  } catch (error) {
    if (error instanceof CallbackDocumentError) return error.problems;
    throw error;
  }
}
