/** The pair of proxies that guides show: TLS verified one way, a location that passes everything, nothing kept. */

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

function frame(server: string): string {
  return `worker_processes 1; pid /tmp/nginx.pid; error_log /dev/stderr; daemon off;
    events { worker_connections 1024; }
    http {
      access_log off; client_body_temp_path /tmp/1; proxy_temp_path /tmp/2; fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
      ${server}
    }\n`
}
