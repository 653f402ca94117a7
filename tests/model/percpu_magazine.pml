/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How blocks and pages move in variants/percpu_magazine.c and page_layer.h, for spin;
 * tests/model_test.sh runs it.
 *
 * What is checked, for every order in which CPUs, interrupts and works can take turns:
 * a block is in exactly one place, and handed out at most once; the memory of a page
 * goes only when all its blocks are back in it; who looks a page up never touches
 * memory that is gone; a release is queued once; nobody waits for ever; a trim of an
 * idle pool leaves only pages with a block out.
 *
 *	task, interrupt		any caller: allocates whenever it likes, and frees any
 *				block that is out, whoever got it
 *	drain_work		drain_work() of each CPU; cpu_goes() does the same
 *	trim			dma_pool_trim(), again and again, at last of an idle pool
 *	release_work		layer_release_work()
 *	reader			core_find_page() of any address, and a look at the page
 *	inlines			the functions of the same name
 *
 * What is abstracted:
 * - The policy is left open, so that the proof holds for every one.  At any visit to
 *   the lock the depot may be drained and an empty page condemned, or not; a free may
 *   go to the page and an allocation come from there, which is also a CPU that cannot
 *   be equipped; a sparse page is as good as a full one.
 * - Empty magazines are not counted: none to be had is a choice, too.  Magazines are
 *   exchanged by copying, which is the same to whoever holds the lock.
 * - What one CPU alone can reach, with interrupts masked, is one step; so is what the
 *   holder of the lock does to pages, and that it holds it is asserted.  The depot is
 *   read and written in steps of their own.
 * - Masking without the lock leads to nothing that others see, so core_alloc() and
 *   alloc_slow() are one call that goes one of the ways they can go.
 * - Memory is sequentially consistent: percpu_magazine.md says which barriers make it
 *   look so, and ThreadSanitizer finds one that is missing.
 * - Left out: the growth of the index, which is one chain here; bulk calls, which are
 *   several blocks at one turn; statistics.
 *
 * The pool has two pages of two blocks and a depot of one magazine.  model_test.sh
 * searches all states of these four, 104 bytes each, none deeper than 1.4 million steps:
 *
 *	CAPACITY	TASKS	INTERRUPTS	READERS	states
 *	1		2	0		0	3,053,341
 *	1		1	1		0	153,301
 *	2		1	1		0	191,273
 *	1		1	0		1	245,555
 *
 * All of them together, of CAPACITY 2, are too many to search all (-DCOLLAPSE): no error
 * in the first 60,493,875 states, 8 million steps deep.
 *
 * Mutations, each of which must fail, are chosen by a macro: DEPOT_UNLOCKED exchanges
 * magazines before the lock is taken, FREE_UNMASKED frees with interrupts on,
 * SWAP_LOSES_COUNT forgets a count, DRAIN_FROM_AFAR empties another CPU's magazines,
 * CONDEMN_EARLY takes a page for empty when one block is missing, NO_GRACE releases
 * without a grace period, LOOK_AFTER_UNLOCK touches a page after rcu_read_unlock(),
 * TRIM_UNMASKED takes the lock with interrupts on, PARTIAL_TO_DEPOT takes a magazine
 * of blocks on their way back to their pages for a full one.
 */
#define CPUS		2
#define PAGES		2
#define PAGE_BLOCKS	2
#define BLOCKS		(PAGES * PAGE_BLOCKS)
#ifndef CAPACITY
#define CAPACITY	2
#endif
#define DEPOT_MAX	1
#define NONE		0	/* no block, no page */

#define page_of(b)	(((b) + PAGE_BLOCKS - 1) / PAGE_BLOCKS)
#define first_of(p)	(((p) - 1) * PAGE_BLOCKS + 1)

/* Who takes part besides the works and the trim; the first task is on CPU 0. */
#ifndef TASKS
#define TASKS		CPUS
#endif
#ifndef INTERRUPTS
#define INTERRUPTS	1
#endif
#ifndef READERS
#define READERS		1
#endif

/* In the order of the proctypes.  The interrupt stops all others on CPU 0. */
#define is_interrupt	(_pid == 4 + TASKS)
#define this_cpu	(is_interrupt -> 0 : _pid % CPUS)
#define runs		(!in_irq || _pid % CPUS != 0)

typedef magazine {
	byte block[CAPACITY]
}

typedef pool_cpu {
	bool masked;		/* interrupts; then no other task runs there, either */
	bool drain;		/* the work is queued or running */
	byte nr;
	byte nr_previous;
	magazine loaded;
	magazine previous
}

#define UNUSED		0	/* its memory may be anybody's */
#define LISTED		1	/* in the index */
#define CONDEMNED	2	/* unlinked, no grace period yet */
#define DOOMED		3
#define GONE		4	/* being released */

typedef dma_page {
	bool memory;		/* it has */
	byte state;
	byte next;		/* in the chain of the index */
	byte nr_free
}

pool_cpu cpu[CPUS];
bool in_irq;			/* CPU 0, at the pool */
bool locked;			/* pool->lock */
magazine depot[DEPOT_MAX];
byte nr_depot;
dma_page page[PAGES + 1];
byte index_head;
bool is_free[BLOCKS + 1];	/* its bit in its page */
bool out[BLOCKS + 1];		/* a caller has it */
bool queued, releasing;		/* the work of release */
bool in_reader, grace;		/* the reader is in rcu_read_lock(); was, when queued */
byte ended;			/* callers */

/* Scratch within a d_step. */
hidden byte i, j, places, given, taken;

/* --- What is checked. */

inline count_in(mag, many)
{
	j = 0;
	do
	:: j < many -> places = places + (mag.block[j] == i); j++
	:: else -> break
	od
}

/* In how many places block i is. */
inline find_places()
{
	places = is_free[i] + out[i];
	count_in(cpu[0].loaded, cpu[0].nr);
	count_in(cpu[0].previous, cpu[0].nr_previous);
	count_in(cpu[1].loaded, cpu[1].nr);
	count_in(cpu[1].previous, cpu[1].nr_previous);
	count_in(depot[0], nr_depot * CAPACITY)
}

/* Whenever nobody is at work on the pool. */
inline check_places()
{
	if
	:: !cpu[0].masked && !cpu[1].masked && !locked ->
		for (i : 1 .. BLOCKS) {
			find_places();
			assert(places == (page[page_of(i)].state != UNUSED))
		}
	:: else
	fi
}

inline hand_out(b)
{
	assert(b != NONE && !out[b]);
	out[b] = true
}

/* --- Interrupts and the lock. */

#define this		cpu[this_cpu]
#define may_run		(!this.masked)

inline local_irq_save()
{
	!this.masked;
	this.masked = true;
	in_irq = in_irq || is_interrupt
}

/* What is no entry of a magazine is not to be told apart. */
inline forget(mag, from)
{
	j = from;
	do
	:: j < CAPACITY -> mag.block[j] = NONE; j++
	:: else -> break
	od;
	j = 0
}

inline local_irq_restore()
{
	d_step {
		in_irq = in_irq && !is_interrupt;
		this.masked = false;
		forget(this.loaded, this.nr);
		forget(this.previous, this.nr_previous);
		n = 0;
		check_places()
	}
}

inline spin_lock()
{
	!locked;
	locked = true
}

inline spin_unlock()
{
	locked = false
}

/* --- Pages. */

inline layer_add_page(p)
{
	assert(locked);
	page[p].state = LISTED;
	page[p].next = index_head;
	index_head = p;
	for (i : first_of(p) .. first_of(p) + PAGE_BLOCKS - 1) {
		is_free[i] = true
	}
	page[p].nr_free = PAGE_BLOCKS
}

#define free_in(p)	(page[p].state == LISTED -> page[p].nr_free : 0)

/* The lowest. */
inline layer_take_from(p)
{
	assert(locked);
	taken = first_of(p);
	do
	:: !is_free[taken] -> taken++
	:: else -> break
	od;
	is_free[taken] = false;
	page[p].nr_free--
}

inline layer_put(b)
{
	assert(locked);
	assert(page[page_of(b)].state == LISTED && !is_free[b]);
	is_free[b] = true;
	page[page_of(b)].nr_free++
}

inline put_blocks(mag, many)
{
	j = 0;
	do
	:: j < many -> given = mag.block[j]; layer_put(given); j++
	:: else -> break
	od;
	j = 0
}

#ifdef CONDEMN_EARLY
#define is_empty(p)	(free_in(p) >= PAGE_BLOCKS - 1)
#else
#define is_empty(p)	(free_in(p) == PAGE_BLOCKS)
#endif

inline layer_condemn(p)
{
	assert(locked);
	if
	:: index_head == p -> index_head = page[p].next
	:: else -> page[index_head].next = page[p].next
	fi;
	page[p].state = CONDEMNED
}

#define some(s)		(page[1].state == s || page[2].state == s)

inline move_pages(from, to)
{
	for (i : 1 .. PAGES) {
		if
		:: page[i].state == from -> page[i].state = to
		:: else
		fi
	}
	i = 0
}

/* The second half of layer_shrink(). */
inline queue_release()
{
	if
	:: !some(DOOMED) && some(CONDEMNED) ->
		move_pages(CONDEMNED, DOOMED);
		assert(!queued);
		queued = true;
		grace = in_reader
	:: else
	fi
}

/* --- Magazines. */

inline swap_magazines()
{
	d_step {
		for (i : 0 .. CAPACITY - 1) {
			j = this.loaded.block[i];
			this.loaded.block[i] = this.previous.block[i];
			this.previous.block[i] = j
		}
		j = this.nr;
		this.nr = this.nr_previous;
#ifndef SWAP_LOSES_COUNT
		this.nr_previous = j
#endif
	}
}

inline copy(to, from)
{
	for (i : 0 .. CAPACITY - 1) {
		to.block[i] = from.block[i]
	}
	i = 0
}

inline drain_depot()
{
	if
	:: nr_depot ->
		put_blocks(depot[0], CAPACITY);
		forget(depot[0], 0);
		nr_depot--
	:: else
	fi
}

/* With whatever end_epoch() may have come to, and the unlock that always follows. */
inline end_visit()
{
	atomic {
		if
		:: d_step { nr_depot -> drain_depot() }
		:: true
		fi;
		if
		:: d_step { is_empty(1) -> layer_condemn(1) }
		:: d_step { is_empty(2) -> layer_condemn(2) }
		:: true
		fi;
		d_step {
			queue_release();
			spin_unlock()
		}
	}
}

inline take_into_loaded(p)
{
	layer_take_from(p);
	n--;
	this.loaded.block[n] = taken
}

inline load_from_pages()
{
	n = free_in(1) + free_in(2);
	n = (n < CAPACITY -> n : CAPACITY);
	this.nr = n;
	do
	:: d_step { n && free_in(1) -> take_into_loaded(1) }
	:: d_step { n && free_in(2) -> take_into_loaded(2) }
	:: !n -> break
	od
}

inline pop_block()
{
	d_step {
		this.nr--;
		given = this.loaded.block[this.nr];
		hand_out(given);
		this.loaded.block[this.nr] = NONE
	}
}

inline keep_block()
{
	d_step {
		this.loaded.block[this.nr] = block;
		this.nr++;
		out[block] = false;
		block = NONE
	}
}

/* --- Calls.  In an atomic, too, the lock may have to be waited for. */

/* Where the lock is taken, and where the mutation takes it. */
#ifdef DEPOT_UNLOCKED
#define early_lock()	skip
#define late_lock()	spin_lock()
#else
#define early_lock()	spin_lock()
#define late_lock()	skip
#endif

inline empty_previous()
{
	put_blocks(this.previous, this.nr_previous);
	this.nr_previous = 0
}

/*
 * Something for the empty magazine: the depot's, or what the pages have, if anything.
 * What the previous one holds was on its way back to its pages.
 */
inline reload()
{
	atomic {
		may_run && !this.nr -> local_irq_save();
		early_lock();
		n = nr_depot
	};
	if
	:: n ->
		d_step { copy(this.loaded, depot[n - 1]) };
		atomic {
			late_lock();
			d_step {
				empty_previous();
				nr_depot = n - 1;
				forget(depot[n - 1], 0);
				this.nr = CAPACITY
			};
			end_visit();
			pop_block();
			local_irq_restore()
		}
	:: else ->
		atomic {
			late_lock();
			d_step { empty_previous() };
			load_from_pages();
			end_visit();
			if
			:: this.nr -> pop_block()
			:: else
			fi;
			local_irq_restore()
		}
	fi
}

/* For a CPU that cannot be equipped. */
inline take_one()
{
	local_irq_save();
	spin_lock();
	if
	:: d_step { free_in(1) -> layer_take_from(1); hand_out(taken) }
	:: d_step { free_in(2) -> layer_take_from(2); hand_out(taken) }
	:: !free_in(1) && !free_in(2)
	fi;
	spin_unlock();
	local_irq_restore()
}

/*
 * The rest of alloc_slow(), at any time: nothing was held while the page was waited
 * for, so that there had been no block says nothing about now.
 */
inline add_page()
{
	if
	:: d_step { !page[1].memory -> page[1].memory = true; n = 1 }
	:: d_step { !page[2].memory -> page[2].memory = true; n = 2 }
	fi;
	atomic {
		local_irq_save();
		spin_lock();
		d_step {
			layer_add_page(n);
			layer_take_from(n);
			hand_out(taken);
			spin_unlock()
		};
		local_irq_restore()
	}
}

inline core_alloc()
{
	if
	:: d_step { may_run && this.nr -> pop_block() }
	:: d_step { may_run && !this.nr && this.nr_previous ->
		swap_magazines();
		pop_block()
	   }
	:: reload()
	:: atomic { take_one() }
	:: add_page()
	fi
}

/* A caller's choice; made as late as can be, which is the same to all others. */
inline choose_block()
{
	if
	:: out[1] -> block = 1
	:: out[2] -> block = 2
	:: out[3] -> block = 3
	:: out[4] -> block = 4
	fi;
	assert(page[page_of(block)].state == LISTED)
}

#define some_out	(out[1] || out[2] || out[3] || out[4])

/* Mutated, what is on its way back to its pages is taken for a full magazine. */
#ifdef PARTIAL_TO_DEPOT
#define fit_for_depot	(this.nr_previous > 0)
#else
#define fit_for_depot	(this.nr_previous == CAPACITY)
#endif

/* The previous magazine, if full, to the depot, or its blocks to the pages. */
inline unload()
{
	atomic {
		may_run && this.nr == CAPACITY && this.nr_previous -> local_irq_save();
		early_lock();
		n = nr_depot
	};
	if
	:: n < DEPOT_MAX && fit_for_depot ->
		d_step { copy(depot[n], this.previous) };
		atomic {
			late_lock();
			nr_depot = n + 1
		}
	:: atomic {
		late_lock();
		d_step { empty_previous() }
	   }
	fi;
	atomic {
		this.nr_previous = 0;
		end_visit();
		swap_magazines();
		if
		:: choose_block(); keep_block()
		:: !some_out
		fi;
		local_irq_restore()
	}
}

/* return_block(), in two turns, for all that is held between them is the CPU's own. */
inline gather()
{
	d_step {
		this.previous.block[this.nr_previous] = block;
		this.nr_previous++;
		out[block] = false;
		block = NONE
	}
}

inline return_gathered()
{
	local_irq_save();
	spin_lock();
	d_step { empty_previous() };
	end_visit();
	local_irq_restore()
}

inline put_one()
{
	local_irq_save();
	spin_lock();
	if
	:: choose_block();
	   d_step { layer_put(block); out[block] = false; block = NONE }
	:: !some_out
	fi;
	end_visit();
	local_irq_restore()
}

/* A fast path that can be interrupted. */
inline free_unmasked()
{
	atomic { may_run && this.nr < CAPACITY && some_out ->
		choose_block();
		n = this.nr
	};
	this.loaded.block[n] = block;
	d_step { this.nr = n + 1; n = 0; out[block] = false; block = NONE }
}

inline core_free()
{
	if
	:: atomic { may_run && this.nr < CAPACITY && some_out ->
		choose_block();
		keep_block()
	   }
	:: atomic { may_run && this.nr == CAPACITY && !this.nr_previous && some_out ->
		choose_block();
		swap_magazines();
		keep_block()
	   }
	:: atomic { may_run && this.nr_previous < CAPACITY && some_out ->
		choose_block();
		gather()
	   }
	:: atomic { may_run && this.nr_previous -> return_gathered() }
	:: unload()
	:: atomic { put_one() }
	fi
}

/* --- Works. */

/* On the CPU itself, at any time it has interrupts on. */
inline drain_cpu(c)
{
	atomic { local_irq_save(); spin_lock() };
	d_step {
		put_blocks(c.loaded, c.nr);
		put_blocks(c.previous, c.nr_previous)
	};
	atomic {
		c.nr = 0;
		c.nr_previous = 0;
		c.drain = false;
		spin_unlock();
		local_irq_restore()
	}
}

active [CPUS] proctype drain_work() provided (runs)
{
	byte n;

end:	do
	:: this.drain -> drain_cpu(this)
	od
}

#define used(c)		(c.nr || c.nr_previous)

inline drain_all_cpus()
{
#ifdef DRAIN_FROM_AFAR
	drain_cpu(cpu[0]);
	drain_cpu(cpu[1])
#else
	d_step {
		cpu[0].drain = used(cpu[0]);
		cpu[1].drain = used(cpu[1])
	};
	!cpu[0].drain && !cpu[1].drain
#endif
}

inline condemn_if_empty(p)
{
	if
	:: is_empty(p) -> layer_condemn(p)
	:: else
	fi
}

inline core_trim()
{
	drain_all_cpus();
#ifdef TRIM_UNMASKED
	atomic { spin_lock() };
#else
	atomic { local_irq_save(); spin_lock() };
#endif
	atomic {
		d_step {
			drain_depot();
			condemn_if_empty(1);
			condemn_if_empty(2);
			queue_release();
			spin_unlock()
		};
#ifndef TRIM_UNMASKED
		local_irq_restore()
#endif
	};
	!queued && !releasing
}

#define in_use(p)	(out[first_of(p)] || out[first_of(p) + 1])

active proctype trim() provided (runs)
{
	byte n;

	do
	:: core_trim()
	:: ended == TASKS + INTERRUPTS ->
		core_trim();
		assert(page[1].memory == in_use(1));
		assert(page[2].memory == in_use(2));
		break
	:: break
	od
}

/* dma_free_coherent(): the memory may be anybody's at once. */
inline release_page(p)
{
	if
	:: page[p].state == GONE ->
		for (i : first_of(p) .. first_of(p) + PAGE_BLOCKS - 1) {
			find_places();
			assert(is_free[i] && places == 1);
			is_free[i] = false
		}
		page[p].memory = false;
		page[p].state = UNUSED;
		page[p].nr_free = 0;
		page[p].next = NONE
	:: else
	fi
}

#ifdef NO_GRACE
#define grace_over	true
#else
#define grace_over	(!grace)
#endif

active proctype release_work()
{
	byte n;

end:	do
	:: atomic {
		queued && grace_over -> queued = false;
		releasing = true;
		local_irq_save();
		spin_lock();
		d_step { move_pages(DOOMED, GONE); queue_release(); spin_unlock() };
		local_irq_restore()
	   };
	   d_step { release_page(1); release_page(2); releasing = false }
	od
}

/* --- Callers. */

active [TASKS] proctype task() provided (runs)
{
	byte block, n;

	do
	:: core_alloc()
	:: core_free()
#ifdef FREE_UNMASKED
	:: free_unmasked()
#endif
	:: ended++ -> break
	od
}

active [INTERRUPTS] proctype interrupt()
{
	byte block, n;

	do
	:: core_alloc()
	:: core_free()
	:: ended++ -> break
	od
}

/* The page looked for is any of the chain's. */
active [READERS] proctype reader()
{
	byte at;

end:	do
	:: atomic { index_head -> in_reader = true; at = index_head };
	   do
	   :: assert(page[at].memory);
	      if
	      :: d_step { page[at].next -> at = page[at].next }
	      :: break
	      fi
	   od;
#ifdef LOOK_AFTER_UNLOCK
	   atomic { in_reader = false; grace = false };
#endif
	   atomic {
		assert(page[at].memory);
		at = NONE;
		in_reader = false;
		grace = false
	   }
	od
}
