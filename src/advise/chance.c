#include "advise/chance.h"

#include "base/assert.h"

#include <math.h>

static double polynomial(const double c[8], double x)
{
    return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0];
}

/* Coefficients: M. J. Wichura, Algorithm AS 241, Applied Statistics 37 (1988). */
static double normal_middle(double q)
{
    static const double a[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                               1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                               3.3430575583588128105e4, 2.5090809287301226727e3},
                        b[] = {1.0,
                               4.2313330701600911252e1,
                               6.8718700749205790830e2,
                               5.3941960214247511077e3,
                               2.1213794301586595867e4,
                               3.9307895800092710610e4,
                               2.8729085735721942674e4,
                               5.2264952788528545610e3};
    double r = .180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
}

static double normal_tail(double q)
{
    static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                               3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4},
                        d[] = {1.0,
                               2.05319162663775882187e0,
                               1.67638483018380384940e0,
                               6.89767334985100004550e-1,
                               1.48103976427480074590e-1,
                               1.51986665636164571966e-2,
                               5.47593808499534494600e-4,
                               1.05075007164441684324e-9},
                        e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                               1.78482653991729133580e0,  2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7},
                        f[] = {1.0,
                               5.99832206555887937690e-1,
                               1.36929880922735805310e-1,
                               1.48753612908506148525e-2,
                               7.86869131145613259100e-4,
                               1.84631831751005468180e-5,
                               1.42151175831644588870e-7,
                               2.04426310338993978564e-15};
    double r = sqrt(-log(.5 - fabs(q)));
    double x = r <= 5 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6)
                      : polynomial(e, r - 5) / polynomial(f, r - 5);
    return q < 0 ? -x : x;
}

static bool is_middle(double q)
{
    return fabs(q) <= .425;
}

double croft_normal_quantile(double p)
{
    CROFT_ASSERT(p > 0 && p < 1);
    return is_middle(p - .5) ? normal_middle(p - .5) : normal_tail(p - .5);
}

/* The middle formula over all of them, which compilers turn into vector code; then the 15 % for whom it does
 * not hold. */
static void fill_part(struct croft_rng *rng, double *out, size_t count)
{
    double q[256];
    CROFT_ASSERT(count <= CROFT_COUNT(q));
    for (size_t i = 0; i < count; i++)
        q[i] = croft_uniform(rng) - .5;
    for (size_t i = 0; i < count; i++)
        out[i] = normal_middle(q[i]);
    for (size_t i = 0; i < count; i++)
        if (!is_middle(q[i]))
            out[i] = normal_tail(q[i]);
}

void croft_normal_fill(struct croft_rng *rng, double *out, size_t count)
{
    for (size_t done = 0; done < count; done += 256)
        fill_part(rng, out + done, count - done < 256 ? count - done : 256);
}

double croft_normal_below(double x)
{
    return .5 * erfc(-x / sqrt(2));
}

static double not_zero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* Lentz's method on the continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions. */
static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int m = 1; m < 300; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        value *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        value *= d * c;
        if (fabs(d * c - 1) < 1e-14)
            break;
    }
    return value;
}

/* A Beta distribution with what its density and its sum have in common. */
struct beta {
    double alpha, beta, log_scale; /* log of 1 / B(alpha, beta) */
};

static struct beta beta_of(double alpha, double beta)
{
    int sign;
    CROFT_ASSERT(alpha > 0 && beta > 0);
    double log_scale = lgamma_r(alpha + beta, &sign) - lgamma_r(alpha, &sign) - lgamma_r(beta, &sign);
    return (struct beta){alpha, beta, log_scale};
}

/* x^alpha (1 - x)^beta / B(alpha, beta) */
static double front_of(const struct beta *d, double x)
{
    return exp(d->log_scale + d->alpha * log(x) + d->beta * log1p(-x));
}

static double below(const struct beta *d, double x, double front)
{
    if (x < (d->alpha + 1) / (d->alpha + d->beta + 2))
        return front * beta_fraction(x, d->alpha, d->beta) / d->alpha;
    return 1 - front * beta_fraction(1 - x, d->beta, d->alpha) / d->beta;
}

double croft_beta_below(double x, double alpha, double beta)
{
    struct beta d = beta_of(alpha, beta);
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    return below(&d, x, front_of(&d, x));
}

/* Newton's steps from a start nearby, by halves where they leave the bracket. */
static double quantile(const struct beta *d, double p, double start)
{
    double low = 0, high = 1, x = start > 0 && start < 1 ? start : .5;
    for (int i = 0; i < 60 && high - low > 1e-9; i++) {
        double front = front_of(d, x), off = below(d, x, front) - p;
        if (off < 0)
            low = x;
        else
            high = x;
        double next = x - off * x * (1 - x) / fmax(front, 1e-300);
        bool inside = next > low && next < high;
        if (inside && fabs(next - x) < 1e-9)
            return next;
        x = inside ? next : (low + high) / 2;
    }
    return x;
}

void croft_beta_grid_fill(struct croft_beta_grid *grid, double mean, double nu)
{
    CROFT_ASSERT(mean >= 0 && mean <= 1 && nu > 0);
    bool constant = mean * nu < 1e-6 || (1 - mean) * nu < 1e-6;
    struct beta d = constant ? (struct beta){0} : beta_of(mean * nu, (1 - mean) * nu);
    double x = 0;
    for (int i = 0; i < CROFT_GRID_SIZE; i++) {
        double p = croft_normal_below((double)i / CROFT_GRID_STEPS - CROFT_GRID_SPAN);
        x = constant ? mean : fmax(x, quantile(&d, p, x)); /* within its tolerance it may step back */
        grid->at[i] = (float)x;
    }
}
