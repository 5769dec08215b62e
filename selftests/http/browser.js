// SPDX-License-Identifier: GPL-2.0-or-later
// Runs in the browser: what applications do, through the proxy. The page is loaded when its image is, which
// the server holds back until all is done.
'use strict';

function write(name, value) {
	const item = document.createElement('li');

	item.id = name;
	item.textContent = value;
	document.getElementById('results').append(item);
}

const cases = {
	async get() {
		const answer = await fetch('/text', { cache: 'no-store' });

		return `${answer.status} ${(await answer.text()).length}`;
	},
	async compressed() {
		const answer = await fetch('/compressed');

		return `${answer.headers.get('content-encoding')} ${(await answer.text()).length}`;
	},
	async post() {
		const body = new Uint8Array(300000).map((_, i) => i * 7);
		const answer = await fetch('/echo', { method: 'POST', body });
		const back = new Uint8Array(await answer.arrayBuffer());

		return `${answer.status} ${back.length === body.length && back.every((byte, i) => byte === body[i])}`;
	},
	async many() {
		const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => fetch(`/number?${i}`)));
		const texts = await Promise.all(answers.map((answer) => answer.text()));

		return texts.every((text, i) => text === String(i));
	},
	async sticky() {
		const servers = new Set();

		for (let i = 0; i < 8; i++)
			servers.add(await (await fetch('/server')).text());
		// HttpOnly: no script sees it.
		return `${servers.size} server, "${document.cookie}"`;
	},
	async application_cookie() {
		await fetch('/set-cookie');
		return `${document.cookie} ${await (await fetch('/cookies')).text()}`;
	},
	async redirect() {
		const answer = await fetch('/old');

		return `${answer.redirected} ${new URL(answer.url).pathname}`;
	},
	async abort() {
		const control = new AbortController();
		const answer = await fetch('/slow', { signal: control.signal });

		await answer.body.getReader().read();
		control.abort();
		return (await fetch('/text')).status;
	},
	websocket() {
		return new Promise((resolve) => {
			const socket = new WebSocket(`wss://${location.host}/echo-socket`, 'chat');
			const got = [];

			socket.binaryType = 'arraybuffer';
			socket.onopen = () => {
				socket.send('Grüße');
				socket.send(new Uint8Array(200000));
			};
			socket.onmessage = (event) => {
				got.push(typeof event.data === 'string' ? event.data : event.data.byteLength);
				if (got.length === 2)
					socket.close(4003, 'done');
			};
			socket.onclose = (event) => resolve(`${got} ${socket.protocol} ${event.code} ${event.wasClean}`);
			socket.onerror = () => got.push('error');
		});
	},
	events() {
		return new Promise((resolve) => {
			const source = new EventSource('/events');
			const got = [];

			source.onmessage = (event) => {
				got.push(event.data);
				if (got.length === 3) {
					source.close();
					resolve(got.join(' '));
				}
			};
		});
	},
};

async function run() {
	for (const [name, act] of Object.entries(cases)) {
		try {
			write(name, await act());
		} catch (error) {
			write(name, error);
		}
	}
	// Whatever failed: the image comes now.
	await fetch('/done', { method: 'POST' });
}

const image = document.createElement('img');

image.src = '/image';
document.body.append(image);
run();
