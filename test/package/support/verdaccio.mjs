// A registry in a process of its own: takes the path of its config, sends the port, and ends with its parent.

import { runServer } from 'verdaccio'

const server = await runServer(process.argv[2])
process.on('disconnect', () => { process.exit() })
server.listen(0, '127.0.0.1', () => { process.send(server.address().port) })
