# The image of the sBTC signer's backups. It is the database's own image, so that server, dump and verification are of one version:
# a dump of a newer pg_dump need not restore into an older server, and a restore by another major proves nothing for the one
# that is to take it. What that image lacks is added: Python for the program, age for the encryption.
ARG POSTGRES_IMAGE
FROM ${POSTGRES_IMAGE}

RUN apt-get update \
  && apt-get install -y --no-install-recommends age ca-certificates python3 \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log

COPY backup_alive.py clarity.py dumps.py exposition.py files.py printable.py sbtc_*.py /opt/stack/
RUN chmod 0755 /opt/stack && chmod 0644 /opt/stack/*.py

# PostgreSQL's server refuses to run as root, and nothing here needs to.
USER postgres
ENTRYPOINT ["python3", "/opt/stack/sbtc_backup.py"]
CMD ["serve"]
