# Runs with a read-only root: state is in the volume, scratch in a tmpfs.
#   docker run --read-only --tmpfs /tmp --volume joinedup:/var/lib/joinedup --publish 127.0.0.1:8000:8000 IMAGE
# The embedded PostgreSQL in the volume is for trying it out. In production set
# JOINEDUP_DATABASE_URL, and put a reverse proxy with TLS in front.

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/joinedup
COPY requirements.txt ./
RUN /opt/joinedup/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY piccolo_migrations piccolo_migrations
RUN /opt/joinedup/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.13-slim
# The uid is fixed, so that a volume keeps its owner from one image to the next.
RUN groupadd --gid 10001 joinedup \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/joinedup --shell /usr/sbin/nologin joinedup \
  && install --directory --owner=joinedup --group=joinedup --mode=0700 /var/lib/joinedup
COPY --from=build /opt/joinedup /opt/joinedup
ENV PATH=/opt/joinedup/bin:$PATH \
  PYTHONDONTWRITEBYTECODE=1 \
  PYTHONUNBUFFERED=1 \
  JOINEDUP_DATA_DIR=/var/lib/joinedup
USER 10001:10001
WORKDIR /var/lib/joinedup
VOLUME ["/var/lib/joinedup"]
EXPOSE 8000
# The slim image has no curl; without the empty handler http_proxy would be asked.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/livez', timeout=3)"]
CMD ["joinedup", "serve", "--host", "0.0.0.0"]
