'use strict'
// An operator's SMPP server on a free loopback port. Its log, one JSON object a line, is the witness of the tests.
// Arguments: the log file; then a file with certificate and key, if it shall speak TLS.
// It prints its port; then each line of its input is an order (see `orders`). It ends with its input.

const fs = require('fs')
const readline = require('readline')
const smpp = require('smpp')

const [log, pem] = process.argv.slice(2)
const state = { plan: [], always: 'ok', latency: 0, receipts: false, bind: 'ok', taken: 0, held: [], sessions: new Set() }

const note = (event, fields = {}) => fs.appendFileSync(log, JSON.stringify({ event, ...fields }) + '\n')

const orders = {
  // What happens to the next submit_sm, one word each, and then to all others.
  plan: ({ faults, then }) => { state.plan = faults || []; state.always = then || 'ok' },
  taken: () => state.taken,
  latency: ({ ms }) => { state.latency = ms },
  // Whether every SMS taken gets a receipt at once.
  receipts: ({ on }) => { state.receipts = on },
  // ok, drop (no answer), or a command_status
  bind: ({ answer }) => { state.bind = answer },
  // Whether somebody is bound who takes what is delivered.
  takes: () => [...state.sessions].some(session => session.takes),
  deliver: ({ pdu }) => { deliver(pdu) },
  drop: () => state.sessions.forEach(session => session.destroy()),
  unbind: () => state.sessions.forEach(session => session.unbind()),
  octets: ({ hex }) => state.sessions.forEach(session => session.socket.write(Buffer.from(hex, 'hex')))
}

function deliver (pdu) {
  const session = [...state.sessions].find(each => each.takes)
  if (!session) return note('nobody_takes', { pdu })
  const id = (/id:(\S+)/.exec(pdu.short_message) || [])[1]
  session.deliver_sm(pdu, answer => note('deliver_answer', { id, status: answer.command_status }))
}

function text (pdu) {
  const content = pdu.message_payload || pdu.short_message
  return { text: String(content.message), header: (content.udh || []).map(each => each.toString('hex')) }
}

function take (pdu) {
  const id = `m${++state.taken}`
  const { source_addr, destination_addr, data_coding, esm_class, registered_delivery, validity_period } = pdu
  const sar = pdu.sar_total_segments ? [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum] : null
  note('taken', {
    at: Date.now(), id, source_addr, destination_addr, data_coding, esm_class, registered_delivery, ...text(pdu), sar,
    ton: [pdu.source_addr_ton, pdu.dest_addr_ton],
    minutes: Math.round((validity_period - Date.now()) / 60000)
  })
  if (state.receipts && registered_delivery) {
    deliver({
      source_addr: destination_addr, destination_addr: source_addr, esm_class: 4,
      short_message: `id:${id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:`
    })
  }
  return id
}

const accept = (session, pdu, id = take(pdu)) => session.send(pdu.response({ message_id: id }))

function refuse (session, pdu, status) {
  note('refused', { status, destination_addr: pdu.destination_addr })
  session.send(pdu.response({ command_status: status }))
}

const faults = {
  ok: (session, pdu) => accept(session, pdu),
  // Taken, and the connection is gone before the response.
  drop: (session, pdu) => { take(pdu); session.destroy() },
  none: (session, pdu) => take(pdu),
  late: (session, pdu) => { const id = take(pdu); setTimeout(() => accept(session, pdu, id), 700) },
  late_throttle: (session, pdu) => setTimeout(() => refuse(session, pdu, smpp.ESME_RTHROTTLED), 700),
  late_refuse: (session, pdu) => setTimeout(() => refuse(session, pdu, smpp.ESME_RINVDSTADR), 700),
  duplicate: (session, pdu) => { const id = take(pdu); accept(session, pdu, id); accept(session, pdu, id) },
  // Answered only after the next one that is not held back.
  hold: (session, pdu) => state.held.push([session, pdu, take(pdu)]),
  nameless: (session, pdu) => accept(session, pdu, (take(pdu), '')),
  throttle: (session, pdu) => refuse(session, pdu, smpp.ESME_RTHROTTLED),
  refuse: (session, pdu) => refuse(session, pdu, smpp.ESME_RINVDSTADR),
  system_error: (session, pdu) => refuse(session, pdu, smpp.ESME_RSYSERR),
  nack: (session, pdu) => {
    note('refused', { status: 3 })
    session.generic_nack({ sequence_number: pdu.sequence_number, command_status: smpp.ESME_RINVCMDID })
  },
  // Taken; half of the response, and then nothing, or the end of the connection.
  half: (session, pdu) => write_half(session, pdu),
  half_drop: (session, pdu) => { write_half(session, pdu); session.socket.end() },
  broken: (session, pdu) => { take(pdu); session.socket.write(Buffer.alloc(16, 0xff)) }
}

function write_half (session, pdu) {
  const octets = pdu.response({ message_id: take(pdu) }).toBuffer()
  session.socket.write(octets.subarray(0, octets.length >> 1))
}

function submitted (session, pdu) {
  const fault = state.plan.length ? state.plan.shift() : state.always
  faults[fault](session, pdu)
  if (fault !== 'hold') state.held.splice(0).forEach(held => accept(...held))
}

function bound (session, pdu) {
  note(pdu.command, { system_id: pdu.system_id, system_type: pdu.system_type })
  if (state.bind === 'drop') return session.destroy()
  if (state.bind !== 'ok') return session.send(pdu.response({ command_status: state.bind }))
  session.takes = pdu.command !== 'bind_transmitter'
  session.send(pdu.response({ system_id: 'operator' }))
}

function joined (session) {
  state.sessions.add(session)
  session.on('bind_transmitter', pdu => bound(session, pdu))
  session.on('bind_receiver', pdu => bound(session, pdu))
  session.on('bind_transceiver', pdu => bound(session, pdu))
  session.on('submit_sm', pdu => {
    if (state.latency) setTimeout(() => submitted(session, pdu), state.latency)
    else submitted(session, pdu)
  })
  session.on('enquire_link', pdu => { note('enquire_link'); session.send(pdu.response()) })
  session.on('enquire_link_resp', () => note('enquire_link_answer'))
  session.on('unbind', pdu => { note('unbind'); session.send(pdu.response()); session.close() })
  session.on('error', () => {})
  session.on('close', () => { note('closed'); state.sessions.delete(session) })
}

const options = pem ? { key: fs.readFileSync(pem), cert: fs.readFileSync(pem) } : {}
const server = smpp.createServer(options, joined)
server.on('tlsClientError', () => note('tls_error'))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

const input = readline.createInterface({ input: process.stdin })
input.on('line', line => {
  const order = JSON.parse(line)
  console.log(JSON.stringify(orders[order.do](order) ?? 'done'))
})
input.on('close', () => process.exit(0))
