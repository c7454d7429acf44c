/*
 * store_bench.c - the store against bare LMDB: look-ups, durable inserts of
 * one row a commit, and the reload that leaves no old byte, at 10^4, 10^5 and
 * 10^6 booked sales.
 *
 *	store_bench [--large] [DIR]
 *	store_bench --reload DIR
 *
 * --large adds 10^7; --reload is what it calls itself with, to see the memory
 * of that alone.  DIR is where the rows go (a folder of its own is made
 * and removed there); it should lie on the disk that is to be measured.
 * "bare" holds rows of the same number with a 16-byte key and 16 bytes; a
 * look-up of it is mdb_get in a view of its own, as the store's is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <lmdb.h>

#include "crypt.h"
#include "file.h"
#include "store.h"

#define LOOKUPS 200000
#define INSERTS 200
#define BATCH 20000
#define ROUNDS 5		/* the best of them counts */

struct bench {
	char dir[200];
	struct master *master;
	struct store_place at;
	struct store *s;
	MDB_env *env;
	MDB_dbi dbi;
	uint64_t n, more;	/* rows; inserted one by one on top */
};

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "store_bench: %s failed\n", what);
	exit(1);
}

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Look-ups wait for nothing: their time is the processor's. */
static double
busy(void)
{
	return now(CLOCK_PROCESS_CPUTIME_ID);
}

/* Numbers in no order, the same for both. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static void
id_of(uint64_t i, char out[24])
{
	snprintf(out, 24, "%llu", (unsigned long long)i);
}

static struct sale_key
store_key(struct bench *b, const char *id)
{
	struct sale_key k;

	store_sale_key(b->s, "shop", SALE_ORDER, id, 0, &k);
	return k;
}

static void
bare_key(uint64_t i, uint64_t out[2])
{
	out[0] = mix(i);
	out[1] = mix(~i);
}

static void
store_insert(struct bench *b, uint64_t from, uint64_t to)
{
	must(store_begin(b->s) == RC_OK, "store_begin");
	for (uint64_t i = from; i < to; i++) {
		struct record r = { { (int64_t)i }, { (int64_t)i } };
		struct sale_key k;
		char id[24];

		id_of(i, id);
		k = store_key(b, id);
		store_sale_put(b->s, &k, &r);
	}
	must(store_commit(b->s) == RC_OK, "store_commit");
}

static void
bare_insert(struct bench *b, uint64_t from, uint64_t to)
{
	MDB_txn *txn = NULL;

	must(mdb_txn_begin(b->env, NULL, 0, &txn) == 0, "mdb_txn_begin");
	for (uint64_t i = from; i < to; i++) {
		uint64_t key[2], value[2] = { i, i };
		MDB_val k = { sizeof(key), key }, v = { sizeof(value), value };

		bare_key(i, key);
		must(mdb_put(txn, b->dbi, &k, &v, 0) == 0, "mdb_put");
	}
	must(mdb_txn_commit(txn) == 0, "mdb_txn_commit");
}

/* with_key: the identification key is made as well. */
static double
store_look(struct bench *b, int with_key)
{
	static struct sale_key keys[LOOKUPS];
	static char ids[LOOKUPS][24];
	double from;

	for (uint64_t i = 0; i < LOOKUPS; i++) {
		id_of(mix(i) % b->n, ids[i]);
		keys[i] = store_key(b, ids[i]);
	}
	from = busy();
	for (uint64_t i = 0; i < LOOKUPS; i++) {
		struct record r;

		if (with_key)
			keys[i] = store_key(b, ids[i]);
		must(store_sale_get(b->s, &keys[i], &r) == RC_OK, "get");
		must(r.excl.e6 == (int64_t)(mix(i) % b->n), "the right row");
	}
	return LOOKUPS / (busy() - from);
}

static double
bare_look(struct bench *b)
{
	MDB_txn *txn = NULL;
	double from;

	must(mdb_txn_begin(b->env, NULL, MDB_RDONLY, &txn) == 0, "begin");
	mdb_txn_reset(txn);
	from = busy();
	for (uint64_t i = 0; i < LOOKUPS; i++) {
		uint64_t key[2], value[2];
		MDB_val k = { sizeof(key), key }, v;

		bare_key(mix(i) % b->n, key);
		must(mdb_txn_renew(txn) == 0, "renew");
		must(mdb_get(txn, b->dbi, &k, &v) == 0, "mdb_get");
		memcpy(value, v.mv_data, sizeof(value));
		mdb_txn_reset(txn);
		must(value[0] == mix(i) % b->n, "the right row");
	}
	from = LOOKUPS / (busy() - from);
	mdb_txn_abort(txn);
	return from;
}

static double
durable(struct bench *b, void (*insert)(struct bench *b, uint64_t from,
    uint64_t to))
{
	double from = now(CLOCK_MONOTONIC);

	for (uint64_t i = 0; i < INSERTS; i++)
		insert(b, b->more + i, b->more + i + 1);
	return INSERTS / (now(CLOCK_MONOTONIC) - from);
}

static void
best(double *most, double got)
{
	if (got > *most)
		*most = got;
}

static void
measure(struct bench *b)
{
	double look = 0, keyed = 0, bare = 0, put = 0, bare_put = 0;

	for (int i = 0; i < ROUNDS; i++) {
		best(&bare, bare_look(b));
		best(&look, store_look(b, 0));
		best(&keyed, store_look(b, 1));
	}
	b->more = b->n;
	for (int i = 0; i < ROUNDS; i++) {
		best(&bare_put, durable(b, bare_insert));
		best(&put, durable(b, store_insert));
		b->more += INSERTS;
	}
	printf("%9llu rows: look-ups/s bare %.0f, store %.0f (%.2f), "
	    "with its key made %.0f (%.2f)\n", (unsigned long long)b->n, bare,
	    look, look / bare, keyed, keyed / bare);
	printf("%9s       durable inserts/s bare %.0f, store %.0f (%.2f)\n",
	    "", bare_put, put, put / bare_put);
	fflush(stdout);
}

/* Its own peak, in MiB, without the pages of the parent. */
static double
peak(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	double kib = 0;

	must(f != NULL, "/proc/self/status");
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtod(line + 6, NULL);
	fclose(f);
	return kib / 1024;
}

static MDB_env *
bare_open(const char *dir, unsigned flags)
{
	MDB_env *env = NULL;

	must(mdb_env_create(&env) == 0 && mdb_env_set_maxdbs(env, 32) == 0 &&
	    mdb_env_set_mapsize(env, (size_t)8 << 30) == 0 &&
	    mdb_env_open(env, dir, flags | MDB_NORDAHEAD, 0600) == 0,
	    "mdb_env_open");
	return env;
}

/* All rows of all tables in one transaction. */
static void
bare_rows(MDB_env *from, MDB_env *to)
{
	MDB_txn *in = NULL, *out = NULL;
	MDB_cursor *names = NULL;
	MDB_val name, k, v;
	MDB_dbi root;

	must(mdb_txn_begin(from, NULL, MDB_RDONLY, &in) == 0 &&
	    mdb_txn_begin(to, NULL, 0, &out) == 0 &&
	    mdb_dbi_open(in, NULL, 0, &root) == 0 &&
	    mdb_cursor_open(in, root, &names) == 0, "mdb_txn_begin");
	while (mdb_cursor_get(names, &name, &v, MDB_NEXT) == 0) {
		MDB_cursor *a = NULL, *b = NULL;
		MDB_dbi x, y;
		char table[64];

		snprintf(table, sizeof(table), "%.*s", (int)name.mv_size,
		    (char *)name.mv_data);
		must(mdb_dbi_open(in, table, 0, &x) == 0 &&
		    mdb_dbi_open(out, table, MDB_CREATE, &y) == 0 &&
		    mdb_cursor_open(in, x, &a) == 0 &&
		    mdb_cursor_open(out, y, &b) == 0, "mdb_dbi_open");
		while (mdb_cursor_get(a, &k, &v, MDB_NEXT) == 0)
			must(mdb_cursor_put(b, &k, &v, MDB_APPEND) == 0,
			    "mdb_cursor_put");
		mdb_cursor_close(a);
	}
	mdb_cursor_close(names);
	mdb_txn_abort(in);
	must(mdb_txn_commit(out) == 0, "mdb_txn_commit");
}

/* The store's own environment copied, row by row or page by page, durably. */
static double
bare_copy(const struct bench *b, bool rows)
{
	char dir[FILE_PATH], path[FILE_PATH], file[FILE_PATH];
	MDB_env *env, *to;
	double from;
	int fd;

	must(file_path(dir, b->dir, "tenants/bench") == RC_OK &&
	    file_path(path, b->dir, "copy") == RC_OK &&
	    file_path(file, path, "data.mdb") == RC_OK &&
	    mkdir(path, 0700) == 0, "mkdir");
	env = bare_open(dir, MDB_RDONLY);
	from = now(CLOCK_MONOTONIC);
	if (rows) {
		to = bare_open(path, 0);
		bare_rows(env, to);
		mdb_env_close(to);
	} else {
		must(mdb_env_copy(env, path) == 0, "mdb_env_copy");
	}
	must((fd = open(file, O_RDONLY)) >= 0 && fsync(fd) == 0, "fsync");
	from = now(CLOCK_MONOTONIC) - from;
	close(fd);
	mdb_env_close(env);
	must(file_remove(path) == RC_OK, "removing the copy");
	return from;
}

static int
reload(struct bench *b)
{
	double ours = 0, rows = 0, pages = 0, was;

	must(store_open(&b->at, STORE_WRITE, &b->s) == RC_OK, "store_open");
	was = peak();
	for (int i = 0; i < 3; i++) {
		double from = now(CLOCK_MONOTONIC);

		must(store_reload(b->s) == RC_OK, "store_reload");
		best(&ours, 1 / (now(CLOCK_MONOTONIC) - from));
	}
	was = peak() - was;
	store_close(b->s);
	for (int i = 0; i < 3; i++) {
		best(&rows, 1 / bare_copy(b, true));
		best(&pages, 1 / bare_copy(b, false));
	}
	printf("%9s       reload %.2f s, bare copy of the rows %.2f s (%.2f), "
	    "of the pages %.2f s (%.2f), memory +%.1f MiB\n", "", 1 / ours,
	    1 / rows, rows / ours, 1 / pages, pages / ours, was);
	return 0;
}

/* In a process of its own. */
static void
measure_reload(struct bench *b)
{
	char command[400];

	store_close(b->s);
	snprintf(command, sizeof(command), "exec '%s' --reload '%s'",
	    program_invocation_name, b->dir);
	must(system(command) == 0, "the reload");
	must(store_open(&b->at, STORE_WRITE, &b->s) == RC_OK, "store_open");
}

static void
open_master(struct bench *b)
{
	must(master_load("file:master.key", b->dir, &b->master) == RC_OK,
	    "the master key");
	b->at = (struct store_place){ .dir = b->dir, .tenant = "bench",
	    .master = b->master };
}

static void
open_both(struct bench *b)
{
	char path[FILE_PATH], key[66];
	MDB_txn *txn = NULL;

	must(file_path(path, b->dir, "bare") == RC_OK &&
	    mkdir(path, 0700) == 0, "mkdir");
	must(mdb_env_create(&b->env) == 0 &&
	    mdb_env_set_mapsize(b->env, (size_t)8 << 30) == 0 &&
	    mdb_env_open(b->env, path, MDB_NORDAHEAD | MDB_NOTLS, 0600) == 0 &&
	    mdb_txn_begin(b->env, NULL, 0, &txn) == 0 &&
	    mdb_dbi_open(txn, NULL, 0, &b->dbi) == 0 &&
	    mdb_txn_commit(txn) == 0, "opening bare LMDB");
	master_make(key);
	must(file_path(path, b->dir, "master.key") == RC_OK &&
	    file_write(path, key, 65, 0600) == RC_OK, "the master key");
	open_master(b);
	must(store_open(&b->at, STORE_MAKE, &b->s) == RC_OK, "store_open");
}

int
main(int argc, char **argv)
{
	static struct bench b;
	uint64_t most = 1000000;
	const char *where = "/tmp";
	bool again = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--large") == 0)
			most = 10000000;
		else if (strcmp(argv[i], "--reload") == 0)
			again = true;
		else
			where = argv[i];
	}
	if (again) {
		snprintf(b.dir, sizeof(b.dir), "%s", where);
		open_master(&b);
		return reload(&b);
	}
	snprintf(b.dir, sizeof(b.dir), "%s/store-bench-XXXXXX", where);
	must(mkdtemp(b.dir) != NULL, "mkdtemp");
	open_both(&b);
	for (uint64_t n = 10000; n <= most; n *= 10) {
		for (uint64_t i = b.n; i < n; i += BATCH) {
			uint64_t to = i + BATCH < n ? i + BATCH : n;

			store_insert(&b, i, to);
			bare_insert(&b, i, to);
		}
		b.n = n;
		measure(&b);
		measure_reload(&b);
	}
	store_close(b.s);
	mdb_env_close(b.env);
	master_free(b.master);
	must(file_remove(b.dir) == RC_OK, "cleaning up");
	return 0;
}
