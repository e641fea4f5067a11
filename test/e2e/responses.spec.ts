import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiDefaultResponse,
  ApiOkResponse,
  ApiProperty,
  ApiResponse,
} from '@nestjs/swagger';
import { ApiCallback, CallbackController, receiverReplies } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';

afterEach(closeApps);

class Reply {
  @ApiProperty() ok!: boolean;
}
class Mistake {
  @ApiProperty() message!: string;
}

@CallbackController('{$callback_url}')
class Callbacks {
  @Post('1') returnsClass(): Reply {
    return receiverReplies();
  }
  @Get('2') returnsClassToGet(): Reply {
    return receiverReplies();
  }
  @Post('3') @HttpCode(202) returnsClassWithStatus(): Reply {
    return receiverReplies();
  }
  @Post('4') returnsNothing(): void {
    return receiverReplies();
  }
  @Post('5') async returnsPromise(): Promise<Reply> {
    return receiverReplies();
  }
  @Post('6') returnsString(): string {
    return receiverReplies();
  }
  @Post('7') @HttpCode(204) returnsNothingWithStatus(): void {
    return receiverReplies();
  }
  @Post('8') @ApiOkResponse({ type: Reply }) declares(): Mistake {
    return receiverReplies();
  }
  @Post('9') @ApiBadRequestResponse({ type: Mistake }) declaresErrorOnly(): Reply {
    return receiverReplies();
  }
  @Post('10') @ApiResponse({ status: '5XX', description: 'later' }) declaresErrorRange(): void {
    return receiverReplies();
  }
  @Post('11') @ApiDefaultResponse({ description: 'any' }) declaresDefault(): Reply {
    return receiverReplies();
  }
  // What the CLI plugin writes on a method that returns nothing.
  @Post('12') @ApiResponse({ status: 201 }) declaresStatusOnly(): void {
    return receiverReplies();
  }
  @Post('13') @ApiAcceptedResponse() declaresAccepted(): void {
    return receiverReplies();
  }
  @Post('14') @Header('x-a', 'b') returnsInline(): { ok: boolean } {
    return receiverReplies();
  }
}

@CallbackController('{$callback_url}')
@ApiResponse({ status: 404, description: 'gone' })
class WithClassError {
  @Post() notify(): Reply {
    return receiverReplies();
  }
}

@CallbackController('{$callback_url}')
@ApiOkResponse({ description: 'fine' })
class WithClassSuccess {
  @Post() notify(): Reply {
    return receiverReplies();
  }
}

async function responsesOf(callbacks: new () => object): Promise<Record<string, unknown>> {
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(callbacks)
    create(@Query('callback_url') url: string, @Body() order: object) {}
  }
  const linked = callbacksOf(documentOf(await createApp({ controllers: [Orders] })), 'POST /orders');
  const operations = Object.entries(linked).map(([name, urls]) => {
    const operation = Object.values(Object.values(urls)[0]!)[0]!;
    return [name, operation['responses']] as const;
  });
  return Object.fromEntries(operations);
}

const model = (name: string) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  description: '',
});
const ACCEPTED = { '2XX': { description: 'accepted' } };

describe('the reply of a callback', () => {
  it('is what its decorators declare, else the class that its method returns, else any 2XX', async () => {
    expect(await responsesOf(Callbacks)).toEqual({
      returnsClass: { 201: model('Reply') },
      returnsClassToGet: { 200: model('Reply') },
      returnsClassWithStatus: { 202: model('Reply') },
      returnsNothing: ACCEPTED,
      returnsPromise: ACCEPTED,
      returnsString: ACCEPTED,
      returnsNothingWithStatus: { 204: { description: '' } },
      declares: { 200: model('Reply') },
      declaresErrorOnly: { 201: model('Reply'), 400: model('Mistake') },
      declaresErrorRange: { ...ACCEPTED, '5XX': { description: 'later' } },
      declaresDefault: { default: { description: 'any' } },
      declaresStatusOnly: ACCEPTED,
      declaresAccepted: { 202: { description: '' } },
      returnsInline: ACCEPTED,
    });
  });

  it('is beside what the class declares', async () => {
    expect(await responsesOf(WithClassError)).toEqual({
      notify: { 201: model('Reply'), 404: { description: 'gone' } },
    });
  });

  it('is what the class declares, where that is a success', async () => {
    expect(await responsesOf(WithClassSuccess)).toMatchObject({ notify: { 200: { description: 'fine' } } });
  });
});
