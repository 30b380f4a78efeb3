/** Other pairs of proxies to compare with. The first is the one that guides show: TLS verified one way, nothing kept. */

export function guideNode(signer: string, authority: string): string {
  return frame(`
    server {
      listen 31000;
      client_max_body_size 256m;
      location / {
        proxy_pass https://${signer};
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate ${authority};
        proxy_set_header Host $host;
      }
    }`)
}

export function guideSigner(certificate: string, key: string): string {
  return frame(`
    server {
      listen 4443 ssl;
      client_max_body_size 256m;
      ssl_certificate ${certificate};
      ssl_certificate_key ${key};
      location / {
        proxy_pass http://stacks-signer:30000;
        proxy_set_header Host $host;
      }
    }`)
}

/** The least that two proxies cost: no TLS, a kept connection, bodies in memory. */
export function bareNode(signer: string): string {
  return frame(`
    upstream away { server ${signer}; keepalive 8; keepalive_requests 1000000; }
    server {
      listen 31000;
      client_max_body_size 256m;
      client_body_buffer_size 4m;
      location / {
        proxy_pass http://away;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
      }
    }`)
}

export function bareSigner(): string {
  return frame(`
    server {
      listen 4443;
      keepalive_requests 1000000;
      client_max_body_size 256m;
      client_body_buffer_size 4m;
      location / { proxy_pass http://stacks-signer:30000; }
    }`)
}

function frame(server: string): string {
  return `worker_processes 1; pid /tmp/nginx.pid; error_log /dev/stderr; daemon off;
    events { worker_connections 1024; }
    http {
      access_log off; client_body_temp_path /tmp/1; proxy_temp_path /tmp/2; fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
      ${server}
    }\n`
}
