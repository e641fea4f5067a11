import { describe, expect, it } from '@jest/globals';
import { Get, Post } from '@nestjs/common';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { matchOperations } from './match-operations.js';

@CallbackController('{$request.query.callback_url}')
class Based {
  @Post('invoices/{$request.body#/id}') invoice(): void {
    return receiverReplies();
  }
  @Post('invoices/{$request.body#/id}/lines') lines(): void {
    return receiverReplies();
  }
  @Post('invoices/paid') paid(): void {
    return receiverReplies();
  }
  @Post('événements/a%20b') accented(): void {
    return receiverReplies();
  }
  @Get() ping(): void {
    return receiverReplies();
  }
  @Get('from-{$request.body#/from}-to-{$request.body#/to}') range(): void {
    return receiverReplies();
  }
}
@CallbackController()
class Alone {
  @Post('{$request.body#/url}') bare(): void {
    return receiverReplies();
  }
  @Post('https://hooks.example.com/fixed/{$request.body#/id}') fixed(): void {
    return receiverReplies();
  }
  @Post('https://{$request.query.tenant}.example.com') tenant(): void {
    return receiverReplies();
  }
  @Get('{$request.query.url}?event=paid&id={$request.body#/id}') event(): void {
    return receiverReplies();
  }
  @Get('{$request.query.url}-done') glued(): void {
    return receiverReplies();
  }
}
@CallbackController()
class Alike {
  @Post('{$request.body#/success_url}') success(): void {
    return receiverReplies();
  }
  @Post('{$request.body#/failure_url}') failure(): void {
    return receiverReplies();
  }
}

function namesOf(Class: new () => object, request: string): string[] {
  const [method = '', target = ''] = request.split(' ');
  return matchOperations(readCallbackContract(Class).operations, method, target).map(({ methodName }) => methodName);
}

describe('a request is meant for', () => {
  it.each([
    ['POST /invoices/7', 'invoice'],
    ['POST /any/prefix/invoices/7?token=a', 'invoice'],
    ['POST /invoices/a%2Fb%3Fc', 'invoice'],
    ['POST /invoices/7/lines', 'lines'],
    ['POST /invoices/paid', 'paid'],
    ['POST /%C3%A9v%C3%A9nements/a%20b', 'accented'],
    ['POST /%c3%a9v%c3%a9nements/%61%20b', 'accented'],
    ['GET /', 'ping'],
    ['GET /any/path', 'ping'],
    ['GET /from-1-to-2', 'range'],
  ])('%s: %s', (request, name) => {
    expect(namesOf(Based, request)).toEqual([name]);
  });

  it.each([
    ['POST /whatever/it/is', 'bare'],
    ['POST /fixed/7', 'fixed'],
    ['GET /hook?token=1&event=paid&id=', 'event'],
    ['GET /hook?id=7&event=paid', 'event'],
    ['GET /hook-done', 'glued'],
    ['GET /a/-done', 'glued'],
  ])('%s: %s', (request, name) => {
    expect(namesOf(Alone, request)).toEqual([name]);
  });

  it('the URL without a path that has nothing but a host', () => {
    const { operations } = readCallbackContract(Alone);
    const tenant = operations.filter(({ methodName }) => methodName === 'tenant');
    expect(matchOperations(tenant, 'POST', '/')).toEqual(tenant);
    expect(matchOperations(tenant, 'POST', '/x')).toEqual([]);
  });
});

describe('a request is meant for nothing', () => {
  it.each(['PUT /invoices/7', 'POST /invoices', 'POST /invoices/', 'POST /invoices/7/8', 'POST /', 'POST /Invoices/7'])(
    'of a class with a base: %s',
    (request) => {
      expect(namesOf(Based, request)).toEqual([]);
    },
  );

  it.each(['GET /hook', 'GET /hook?event=paid', 'GET /hook?event=failed&id=7', 'GET /done'])(
    'of a class without one: %s',
    (request) => {
      expect(namesOf(Alone, request)).toEqual([]);
    },
  );

  it('at a fixed URL below another path', () => {
    const fixed = readCallbackContract(Alone).operations.filter(({ methodName }) => methodName === 'fixed');
    expect(matchOperations(fixed, 'POST', '/prefix/fixed/7')).toEqual([]);
  });
});

it('a request that several operations fit alike is meant for any of them', () => {
  expect(namesOf(Alike, 'POST /hook')).toEqual(['success', 'failure']);
});
