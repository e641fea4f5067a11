import { describe, expect, it } from '@jest/globals';
import { All, Get, Head, Options, Param, Post } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { CallbackController, receiverReplies, WebhookController } from '../decorators/callback-class.decorators.js';
import { readCallbackContract, readWebhookContract } from './read-contract.js';

@CallbackController('{$request.query.callback_url}')
class Wrong {
  @All('all') all(): void {
    return receiverReplies();
  }
  @Post(['a', 'b']) several(): void {
    return receiverReplies();
  }
  @Post('param') param(@Param('id') id: string, @Param() everything: object): void {
    return receiverReplies(id, everything);
  }
  @Post('declared') @ApiParam({ name: 'shop' }) declared(): void {
    return receiverReplies();
  }
}

describe('the contract of a callback class', () => {
  it('reports what is wrong with each method, with a fix', () => {
    const parameters = 'from the path with @Param() or @ApiParam(), but the path of a callback has no parameters.';
    const taken = (name: string) =>
      `Remove the parameter and write a runtime expression for its value in the URL, such as {$request.body#/${name}}.`;
    expect(readCallbackContract(Wrong).problems).toEqual([
      {
        code: 'unsupported-method',
        place: 'Wrong.all',
        message: 'A callback cannot be sent with the HTTP method ALL.',
        fix: 'Use @Post(), @Put(), @Patch(), @Delete(), @Get(), @Head() or @Options().',
      },
      {
        code: 'several-urls',
        place: 'Wrong.several',
        message: 'It has 2 paths (a, b), but a callback is sent to one URL.',
        fix: 'Write one method for each URL.',
      },
      {
        code: 'path-parameter',
        place: 'Wrong.param',
        message: expect.stringMatching(
          /^It takes (id, all parameters|all parameters, id) from the path with @Param\(\)/,
        ),
        fix: taken('id'),
      },
      { code: 'path-parameter', place: 'Wrong.declared', message: `It takes shop ${parameters}`, fix: taken('shop') },
    ]);
  });

  it.each([
    ['progress/:id', ':id', '{$request.body#/id}'],
    ['/:id/done', ':id', '{$request.path.id}'],
    ['files/*path', '*path', '{$request.body#/path}'],
    ['files/*', '*', '{$request.body#/path}'],
    [':id?a=b', ':id', '{$request.query.id}'],
    [':id?/done', ':id?', '{$request.query.id}'],
    ['x/:id(\\\\d+)?a=1', ':id(\\\\d+)', '{$request.body#/id}'],
    ['x?id=:id&b=2', ':id', '{$request.query.id}'],
    ['{$request.body#/a}/:id#x', ':id', '{$response.body#/id}'],
  ])("refuses Nest's path parameter in %s, with the expression to write", (path, parameter, expression) => {
    @CallbackController('{$request.query.callback_url}')
    class Told {
      @Post(path) told() {}
    }
    const [problem] = readCallbackContract(Told).problems;
    expect(problem).toMatchObject({ code: 'path-parameter', place: 'Told.told' });
    expect(problem?.message).toContain(`Its URL has ${parameter}. Only Nest's routes have path parameters`);
    expect(problem?.fix).toContain(`Replace ${parameter} with`);
    expect(problem?.fix).toContain(expression);
  });

  it('names all of them, including those in the URL of the class', () => {
    @CallbackController('https://:tenant.example/:shop')
    class Told {
      @Post(':id') told() {}
    }
    const [problem] = readCallbackContract(Told).problems;
    expect(problem?.message).toContain('has :shop, :id.');
    expect(problem?.fix).toContain('Do the same for :id.');
  });

  it('accepts every HTTP method that a path item can have', () => {
    @CallbackController('http://receiver.example')
    class Methods {
      @Get('1') get(): void {
        return receiverReplies();
      }
      @Head('2') head(): void {
        return receiverReplies();
      }
      @Options('3') options(): void {
        return receiverReplies();
      }
    }
    const { operations, problems, excluded } = readCallbackContract(Methods);
    expect(problems).toEqual([]);
    expect(excluded).toBe(false);
    expect(operations.map(({ httpMethod, urlText }) => `${httpMethod} ${urlText}`)).toEqual([
      'get http://receiver.example/1',
      'head http://receiver.example/2',
      'options http://receiver.example/3',
    ]);
  });

  it('has the inherited handlers, and overridden ones once', () => {
    class Base {
      @Post('kept') kept(): void {
        return receiverReplies();
      }
      @Post('anew') anew(): void {
        return receiverReplies();
      }
      @Post('hidden') hidden(): void {
        return receiverReplies();
      }
      helper() {}
      get touchy(): never {
        throw new Error('It was touched.');
      }
    }
    @CallbackController('https://receiver.example')
    class Derived extends Base {
      @Post('other') override anew(): void {
        return receiverReplies();
      }
      override hidden() {}
    }
    const { operations } = readCallbackContract(Derived);
    expect(operations.map(({ methodName, urlText }) => `${methodName} ${urlText}`)).toEqual([
      'anew https://receiver.example/other',
      'kept https://receiver.example/kept',
    ]);
  });

  it.each([
    ['', 'It has no URL.'],
    [
      'see https://receiver.example',
      'Its URL see https://receiver.example begins with neither a runtime expression nor',
    ],
    ['ftp://receiver.example', 'Its URL ftp://receiver.example begins with neither a runtime expression nor http://'],
  ])('refuses the URL %j', (url, message) => {
    @CallbackController(url)
    class Told {
      @Post() told(): void {
        return receiverReplies();
      }
    }
    const [problem] = readCallbackContract(Told).problems;
    expect(problem).toMatchObject({
      code: 'no-url',
      place: 'Told.told',
      fix: expect.stringContaining('Write the URL in'),
    });
    expect(problem!.message).toContain(message);
  });

  it.each([
    ['https://user:secret@receiver.example/{$url}', 'contains credentials'],
    ['https://receiver.example/a b', 'contains a space, a control character or a backslash'],
    ['{$request.query.callback_url}/a b', 'contains a space, a control character or a backslash'],
    ['https:///receiver.example', 'is not an absolute http: or https: URL'],
    ['https://', 'is not an absolute http: or https: URL'],
    ['https://[::1/{$url}', 'cannot be read as a URL'],
    ['https://receiver.example:99999', 'cannot be read as a URL'],
    ['https://receiver.example{$request.path.to}', 'ends its host with a value, which could change the host'],
    ['https://{$request.query.host}/a', 'ends its host with a value, which could change the host'],
    ['https://x.{$request.query.host}:8443', 'ends its host with a value, which could change the host'],
  ])('rejects the URL %j, which can never be valid, without repeating it', (url, fault) => {
    @CallbackController(url)
    class Told {
      @Post() told(): void {
        return receiverReplies();
      }
    }
    expect(readCallbackContract(Told).problems).toEqual([
      {
        code: 'no-url',
        place: 'Told.told',
        message: `Its URL ${fault}.`,
        fix: 'Write the URL as it is sent: without credentials, with a complete host, and with invalid characters percent-encoded.',
      },
    ]);
  });

  it.each([
    'https://{$request.query.shop}.receiver.example/a',
    'https://receiver.example:{$request.query.port}/a',
    'https://receiver.example/{$request.path.to}',
    'https://é.example/{$request.body#/id}?q={$url}#a',
    '{$request.query.callback_url}/a%20b',
  ])('has nothing to say of the URL %s', (url) => {
    @CallbackController(url)
    class Told {
      @Post() told(): void {
        return receiverReplies();
      }
    }
    expect(readCallbackContract(Told).problems).toEqual([]);
  });

  it('is empty for a class of another kind, with the reason', () => {
    class Plain {
      @Post() told(): void {
        return receiverReplies();
      }
    }
    expect(readCallbackContract(Plain)).toMatchObject({ excluded: false, methodNames: [], operations: [] });
    expect(readCallbackContract(undefined as never).problems).toMatchObject([
      { place: 'undefined', fix: 'Move the callback class to a file that does not import the file with the link.' },
    ]);
  });
});

describe('the contract of a webhook class', () => {
  it.each([
    ['invoicePaid', 'invoicePaid'],
    ['//invoice/paid//', 'invoice/paid'],
    ['items:paid', 'items:paid'],
    ['', 'told'],
  ])('has for the path %j the name %s', (path, name) => {
    @WebhookController()
    class Told {
      @Post(path) told(): void {
        return receiverReplies();
      }
    }
    expect(readWebhookContract(Told).operations.map(({ webhook }) => webhook)).toEqual([name]);
  });

  it.each([
    ['progress/:id', 'progress'],
    ['*all', 'told'],
  ])("refuses Nest's path parameter in the name %s", (path, name) => {
    @WebhookController()
    class Told {
      @Post(path) told() {}
    }
    expect(readWebhookContract(Told).problems).toMatchObject([
      { code: 'path-parameter', place: 'Told.told', fix: expect.stringContaining(`'${name}'`) },
    ]);
  });

  it('is empty for a class of another kind, with the reason', () => {
    class Plain {
      @Post() told(): void {
        return receiverReplies();
      }
    }
    expect(readWebhookContract(Plain)).toMatchObject({
      excluded: false,
      methodNames: [],
      operations: [],
      problems: [
        {
          place: 'Plain',
          message: 'Plain is listed in the webhooks of CallbacksModule but is not a webhook class.',
          fix: 'Put @WebhookController() on Plain.',
        },
      ],
    });
  });
});
