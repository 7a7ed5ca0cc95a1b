# The image for what was written for the images of DynamoDB Local, LocalStack or MinIO: a shell, `java`, `awslocal`, their
# folders and entry points. On top of the minimal image:
#   docker build -f docker/Dockerfile -t tidemark . && docker build -f docker/compat.Dockerfile -t tidemark:compat .

ARG PROGRAM_IMAGE=tidemark
FROM ${PROGRAM_IMAGE} AS program

FROM debian:bookworm-slim
# awscli is for `awslocal` in init scripts, and most of the size; --build-arg AWSCLI= leaves it out.
ARG AWSCLI=awscli
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates curl ${AWSCLI} \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 1000 dynamodblocal \
 && useradd --uid 1000 --gid dynamodblocal --create-home --home-dir /home/dynamodblocal dynamodblocal \
 && install -d -o dynamodblocal -g dynamodblocal /home/dynamodblocal/data \
 && install -d /data /var/lib/localstack /etc/localstack/init/boot.d /etc/localstack/init/start.d \
      /etc/localstack/init/ready.d /etc/localstack/init/shutdown.d
COPY --from=program /usr/local/bin/tidemark /usr/local/bin/tidemark
COPY docker/compat/docker-entrypoint.sh docker/compat/java docker/compat/awslocal docker/compat/minio /usr/local/bin/
# There is no archive; who looks whether it is there finds a file.
RUN chmod 0755 /usr/local/bin/docker-entrypoint.sh /usr/local/bin/java /usr/local/bin/awslocal /usr/local/bin/minio \
 && touch /home/dynamodblocal/DynamoDBLocal.jar \
 && ln -s /usr/local/bin/docker-entrypoint.sh /usr/bin/docker-entrypoint.sh
ENV TIDEMARK_HOST=0.0.0.0 \
    TIDEMARK_DATA_DIR=/data
WORKDIR /home/dynamodblocal
EXPOSE 8000 4566 9000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=5s --retries=3 CMD ["docker-entrypoint.sh", "healthcheck"]
ENTRYPOINT ["docker-entrypoint.sh"]
